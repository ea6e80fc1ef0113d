/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hotpatch.h"
void lines_register(const char *) {}
void lines_of_function(void (*)(void *, const char *), void *) {}
void lines_print(FILE *, const char *) {}
