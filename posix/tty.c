/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* pseudo-terminals */
#endif
#include "posix/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static const struct {
	uint32_t baud;
	speed_t speed;
} speeds[] = {
	{ 1200, B1200 },       { 2400, B2400 },	  { 4800, B4800 },
	{ 9600, B9600 },       { 19200, B19200 }, { 38400, B38400 },
#ifdef B57600
	{ 57600, B57600 },
#endif
#ifdef B115200
	{ 115200, B115200 },
#endif
#ifdef B230400
	{ 230400, B230400 },
#endif
#ifdef B460800
	{ 460800, B460800 },
#endif
#ifdef B921600
	{ 921600, B921600 },
#endif
#ifdef B1000000
	{ 1000000, B1000000 },
#endif
#ifdef B2000000
	{ 2000000, B2000000 },
#endif
#ifdef B3000000
	{ 3000000, B3000000 },
#endif
};

static int set_speed(struct termios *t, uint32_t baud)
{
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].baud == baud)
			return cfsetispeed(t, speeds[i].speed) ||
			       cfsetospeed(t, speeds[i].speed);
	errno = EINVAL;
	return -1;
}

/* Raw: no echo to the device, no signal characters. */
static int set_raw(int fd, uint32_t baud)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return baud ? -1 : 0; /* not a terminal */
	t.c_iflag = 0;
	t.c_oflag = 0;
	t.c_lflag = 0;
	t.c_cflag &= ~(tcflag_t)(CSIZE | PARENB | CSTOPB);
	t.c_cflag |= CS8 | CLOCAL | CREAD;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	if (baud && set_speed(&t, baud))
		return -1;
	(void)tcsetattr(fd, TCSANOW, &t);
	return 0;
}

static int fail(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int tty_open(const char *path, uint32_t baud)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	return set_raw(fd, baud) ? fail(fd) : fd;
}

int tty_create_pty(char *path, size_t cap, int *keep)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	const char *name;

	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (grantpt(fd) || unlockpt(fd))
		return fail(fd);
	name = ptsname(fd);
	if (!name || (size_t)snprintf(path, cap, "%s", name) >= cap) {
		errno = ENAMETOOLONG;
		return fail(fd);
	}
	*keep = tty_open(path, 0);
	return *keep < 0 ? fail(fd) : fd;
}
