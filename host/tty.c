#include "host/tty.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"

enum { PATH = 512 };

/* The first line of a file of sysfs. */
static int read_line(const char *path, char *text, size_t cap)
{
	FILE *f = fopen(path, "re");
	bool fine = f && fgets(text, (int)cap, f);

	if (f)
		fclose(f);
	if (!fine)
		return ERR_IO;
	text[strcspn(text, "\n")] = '\0';
	return ERR_OK;
}

/* device: its folder, "/sys/bus/usb/devices/1-1". A tty stands in the folder
 * of its interface, "1-1:1.1/tty/ttyACM0". */
static int find_tty(const char *device, char *path, size_t cap)
{
	char pattern[PATH];
	glob_t found;
	int err = ERR_NOT_FOUND;

	snprintf(pattern, sizeof(pattern), "%s/*:*/tty/tty*", device);
	if (glob(pattern, 0, NULL, &found))
		return ERR_NOT_FOUND;
	if (found.gl_pathc &&
	    (size_t)snprintf(path, cap, "/dev/%s",
			     strrchr(found.gl_pathv[0], '/') + 1) < cap)
		err = ERR_OK;
	globfree(&found);
	return err;
}

int tty_of_serial(const char *serial, char *path, size_t cap, int *present)
{
	glob_t found;
	int err = ERR_NOT_FOUND;

	*present = 0;
	if (glob("/sys/bus/usb/devices/*/serial", 0, NULL, &found))
		return ERR_NOT_FOUND;
	for (size_t i = 0; err && i < found.gl_pathc; i++) {
		char *device = found.gl_pathv[i], text[PATH];

		if (read_line(device, text, sizeof(text)) ||
		    strcmp(text, serial) != 0)
			continue;
		*present = 1;
		*strrchr(device, '/') = '\0';
		err = find_tty(device, path, cap);
	}
	globfree(&found);
	return err;
}

int tty_open(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios t;

	if (fd < 0)
		return -1;
	/* Nothing is echoed to the device, nothing is read as a key. */
	if (!tcgetattr(fd, &t)) {
		t.c_iflag = 0;
		t.c_oflag = 0;
		t.c_lflag = 0;
		t.c_cflag |= CLOCAL | CREAD;
		t.c_cc[VMIN] = 1;
		t.c_cc[VTIME] = 0;
		(void)tcsetattr(fd, TCSANOW, &t);
	}
	return fd;
}
