/* SPDX-License-Identifier: MIT */
#ifndef LFSDUMP_BROWSER_H
#define LFSDUMP_BROWSER_H

/* --tui: becomes lfstui, the one beside this program (self: its argv[0]) or in PATH. Returns, with
 * an exit status, only when that fails; files ends with NULL. */
int browser_run(const char *self, char **files);

#endif
