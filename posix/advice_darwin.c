/* SPDX-License-Identifier: Apache-2.0 */
/* Advice for macOS, from Apple's documents and manual pages. */
#include "posix/advice.h"

const struct advice_words advice_words[ADVICE_COUNT] = {
	[ADVICE_USB_PERMISSION] = { "run with sudo" },
	[ADVICE_SERIAL_PERMISSION] = { "run with sudo" },
	[ADVICE_NO_SERIAL_PORT] = { "`ls /dev/cu.usbmodem*` lists the ports of "
				    "USB devices" },
	/* Macs with Apple silicon ask since macOS 13; iPads ask as well. */
	[ADVICE_NO_USB_DEVICE] = { "connect the board's USB device (OTG) port "
				   "with a data cable, "
				   "wait until the board has booted, unlock "
				   "the Mac, and answer "
				   "\"Allow accessory to connect?\" with Allow "
				   "(System Settings, "
				   "Privacy & Security, Allow accessories to "
				   "connect)" },
	[ADVICE_NO_DRIVER] = { "macOS has drivers for CDC-ECM and CDC-NCM, "
			       "none for RNDIS. "
			       "`tether inspect` lists what each system "
			       "supports" },
	[ADVICE_NO_INTERFACE] = { "unlock the Mac, reconnect the cable, and "
				  "answer \"Allow "
				  "accessory to connect?\" with Allow. Then "
				  "`networksetup "
				  "-detectnewhardware` adds the interface" },
	[ADVICE_INTERFACE_DOWN] = { "sudo ifconfig ", " up" },
	[ADVICE_ADDRESS_TWICE] = { "sudo ifconfig ", " inet delete" },
	[ADVICE_DISK_IN_USE] = { "unmount it with `diskutil unmountDisk ",
				 "`" },
	[ADVICE_DISK_NAME] = { "give a name such as /dev/disk4; `diskutil "
			       "list` shows them" },
};

const char *const advice_usb_list[] = { "system_profiler", "SPUSBDataType",
					NULL };

const char advice_system[] = "macOS";
