/* SPDX-License-Identifier: MIT */
#ifndef FIRMWARE_VIEW_FORECAST_H
#define FIRMWARE_VIEW_FORECAST_H

#include "common/firmware/forecast.h"
#include "common/lua/book.h"
#include "common/view/view.h"

/* What forecast_view is about. */
struct forecast_list {
	const struct forecast *forecast;
	const struct lua_book *image; /* whose strings are in flash; NULL: none */
};

/* Strings, with the functions that use each; ctx: a struct forecast_list. */
extern const struct view forecast_view;

#endif
