/*
 * The NVM subsystem from an INI file, as docs/model.md describes it. The file
 * is the whole model: nothing of the default one is left but its names.
 */
#ifndef TETHER_POSIX_MODEL_INI_H
#define TETHER_POSIX_MODEL_INI_H

#include <stddef.h>

struct subsystem;

/**
 * Load s from a file. On failure `error` has a sentence: file, line, what is
 * wrong there and what is allowed; s is then not to be used. ERR_IO: the file
 * cannot be read. ERR_INVALID: it is wrong.
 */
int model_ini_load(struct subsystem *s, const char *path, char *error,
		   size_t cap);

/** The same from memory; `name` stands for the file in errors. */
int model_ini_parse(struct subsystem *s, const char *text, size_t len,
		    const char *name, char *error, size_t cap);

#endif
