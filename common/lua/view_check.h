/* SPDX-License-Identifier: MIT */
/*
 * The findings of a check as a view; its ctx is a struct check_report.
 */
#ifndef LUA_VIEW_CHECK_H
#define LUA_VIEW_CHECK_H

#include "common/lua/check.h"
#include "common/view/view.h"

extern const struct view lua_view_check;

#endif
