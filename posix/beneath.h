/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens files below a folder that the caller holds open. The lookup cannot
 * leave that folder, even while another process replaces folders by symbolic
 * links: openat2() resolves the path beneath the descriptor (Linux 5.6).
 * Elsewhere the lookup walks the path and follows no link at all.
 *
 * Each function returns a descriptor with close-on-exec, or -1 with errno set.
 * EXDEV: the path leads out of the folder, or a link in it is absolute. ELOOP:
 * a link that the lookup does not follow.
 */
#ifndef TETHER_POSIX_BENEATH_H
#define TETHER_POSIX_BENEATH_H

/** Flags of open() for a descriptor that only serves lookups: O_PATH, or
 * O_RDONLY where the system has no O_PATH. */
extern const int beneath_lookup;

/** Open a folder to look up paths below it. Follows links. */
int beneath_open_root(const char *folder);

/** Open an existing file or folder. `path` is relative to `root`; "" is the
 * root itself. `flags` are those of open(). */
int beneath_open(int root, const char *path, int flags);

/** Open a folder for lookups. Creates it and its missing parents. */
int beneath_open_folder(int root, const char *path);

/** The lookup without openat2(). Only for beneath_open() and its test. */
int beneath_walk(int root, const char *path, int flags);

#endif
