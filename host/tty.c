/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tty.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

int tty_open(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios t;

	if (fd < 0)
		return -1;
	/* Raw: no echo to the device, no signal characters. */
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
