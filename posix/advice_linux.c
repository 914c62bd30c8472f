/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/advice.h"

const struct advice_words advice_words[ADVICE_COUNT] = {
	[ADVICE_USB_PERMISSION] = { "install packaging/udev/70-tether.rules, "
				    "or run as root" },
	[ADVICE_SERIAL_PERMISSION] = { "add yourself to the group dialout, or "
				       "run as root" },
	[ADVICE_NO_SERIAL_PORT] = { "load its driver: sudo modprobe cdc_acm" },
	[ADVICE_NO_USB_DEVICE] = { "connect the board's USB device (OTG) port "
				   "with a data cable, "
				   "and wait until the board has booted. On "
				   "the board, "
				   "/sys/class/udc must not be empty" },
	[ADVICE_NO_DRIVER] = { "sudo modprobe ", ", then check `dmesg`" },
	[ADVICE_NO_INTERFACE] = { "reconnect the cable, then check `dmesg`" },
	[ADVICE_INTERFACE_DOWN] = { "sudo ip link set ", " up" },
	[ADVICE_ADDRESS_TWICE] = { "sudo ip addr flush dev ", "" },
	[ADVICE_DISK_IN_USE] = { "`lsblk ", "` shows what uses it" },
	[ADVICE_DISK_NAME] = { "`lsblk` lists the disks" },
};

const char *const advice_usb_list[] = { "lsusb", NULL };

const char advice_system[] = "Linux";
