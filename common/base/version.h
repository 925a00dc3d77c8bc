/* SPDX-License-Identifier: MIT */
/*
 * Version of the toolkit: all programs have the same one.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define VERSION "0.1.0"

#endif
