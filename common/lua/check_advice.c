/* SPDX-License-Identifier: MIT */
/*
 * Advice on an image that loads: few notes, each of them one for all of its kind, with the first
 * place and the number of places.
 */
#include "common/lua/check_found.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* C modules of the ESP8266 and ESP32 branches, as firmware may have them or not. */
static const char c_modules[] =
	",adc,ads1115,adxl345,am2320,apa102,bit,bloom,bme280,bme280_math,bme680,bmp085,bthci,can,"
	"coap,color_utils,cron,crypto,dac,dcc,dht,encoder,enduser_setup,eromfs,espnow,eth,file,"
	"gdbstub,gpio,gpiopulse,hdc1080,heaptrace,hmc5883l,http,httpd,hx711,i2c,i2s,l3g4200d,ledc,"
	"mcp4725,mdns,mqtt,net,node,otaupgrade,ow,pcm,perf,pipe,pixbuf,pulsecnt,pwm,pwm2,"
	"qrcodegen,rfswitch,rmt,rotary,rtcfifo,rtcmem,rtctime,sdmmc,si7021,sigma_delta,sjson,"
	"sntp,sodium,softuart,somfy,spi,struct,switec,tcs34725,time,tls,tm1829,tmr,touch,"
	"tsl2561,u8g2,uart,ucg,websocket,wiegand,wifi,wps,ws2801,ws2812,ws2812_effects,xpt2046,";

/* What every firmware has, and require finds as loaded. */
static const char libraries[] = ",_G,coroutine,debug,math,package,string,table,utf8,";

enum { NAME_MAX_LEN = 24 };

static bool in_list(const char *list, const struct lua_string *name)
{
	char wanted[NAME_MAX_LEN + 3];

	if (name->len == 0 || name->len > NAME_MAX_LEN || memchr(name->text, 0, name->len) ||
	    memchr(name->text, ',', name->len))
		return false;
	snprintf(wanted, sizeof(wanted), ",%.*s,", (int)name->len, (const char *)name->text);
	return strstr(list, wanted) != NULL;
}

static bool has_name(const struct lua_image *img, uint32_t string, const char *name)
{
	return string < img->nstrings && img->strings[string].len == strlen(name) &&
	       memcmp(img->strings[string].text, name, strlen(name)) == 0;
}

static void advise_init(const struct check_scope *s)
{
	for (uint32_t i = 0; i < s->img->nmodules; i++)
		if (has_name(s->img, s->img->modules[i].name, "_init"))
			return;
	check_advise(
		s, "add the firmware's lua_examples/lfs/_init.lua, or start modules from init.lua",
		"no module _init, which init.lua usually runs first to let require find the "
		"others");
}

/* " and 3 more places" behind the first. */
static const char *more(uint32_t count, char out[CHECK_WORDS])
{
	out[0] = '\0';
	if (count > 1)
		snprintf(out, CHECK_WORDS, " and %" PRIu32 " more place%s", count - 1,
			 count > 2 ? "s" : "");
	return out;
}

/* Reads of a global C module: where the first one is, and how many. */
static void advise_missing(const struct check_scope *s, const struct lua_xref *x,
			   const struct lua_global *g)
{
	char name[CHECK_WORDS], where[CHECK_WORDS], others[CHECK_WORDS];

	for (uint32_t i = x->first[g->name]; i < x->first[g->name + 1]; i++) {
		const struct lua_ref *ref = &x->refs[i];

		if (ref->kind != LUA_REF_GLOBAL_READ)
			continue;
		check_advise(s, "build a firmware with the module, or do without it",
			     "the firmware has no module %s, used in %s%s",
			     check_quote(s->img, g->name, name),
			     check_where(s, ref->proto, ref->pc, where), more(g->reads, others));
		return;
	}
}

static void advise_modules(const struct check_scope *s, const struct lua_xref *x)
{
	const struct check_target *t = s->target;

	for (uint32_t i = 0; t->modules[0] && i < x->nglobals; i++) {
		const struct lua_global *g = &x->globals[i];
		const struct lua_string *name = &s->img->strings[g->name];

		if (g->reads && !g->writes && in_list(c_modules, name) &&
		    !in_list(t->modules, name))
			advise_missing(s, x, g);
	}
}

/* Names asked for in one way: each with its first place and how often, in order of first sight. */
struct asked {
	const struct lua_require *first;
	uint32_t count;
};

enum { ASKED_MAX = 24 };

struct tally {
	struct asked names[ASKED_MAX];
	uint32_t count, beyond; /* names kept; mentions of further ones */
};

static void count_require(struct tally *t, const struct lua_require *q)
{
	uint32_t i = 0;

	while (i < t->count && t->names[i].first->name != q->name)
		i++;
	if (i == ASKED_MAX) {
		t->beyond++;
		return;
	}
	if (i == t->count)
		t->names[t->count++].first = q;
	t->names[i].count++;
}

/* A note for each name. */
static void advise_each(const struct check_scope *s, const struct tally *t, const char *remedy,
			const char *what)
{
	char name[CHECK_WORDS], where[CHECK_WORDS], others[CHECK_WORDS];

	for (uint32_t i = 0; i < t->count; i++) {
		const struct lua_require *q = t->names[i].first;

		check_advise(s, remedy, "%s %s (%s%s)", check_quote(s->img, q->name, name), what,
			     check_where(s, q->proto, q->pc, where),
			     more(t->names[i].count, others));
	}
	if (t->beyond)
		check_advise(s, remedy, "%" PRIu32 " more mentions of other names: each %s",
			     t->beyond, what);
}

/* One note for all names of the tally, as many as it has room for. */
static void advise_shadowed(const struct check_scope *s, const struct tally *t)
{
	char names[128] = "", name[CHECK_WORDS];
	size_t n = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		const char *quoted = check_quote(s->img, t->names[i].first->name, name);

		if (n + strlen(quoted) + 8 > sizeof(names)) {
			n += (size_t)snprintf(names + n, sizeof(names) - n, ", ...");
			break;
		}
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "", quoted);
	}
	if (t->count)
		check_advise(
			s, "remove files of these names from the device",
			"require takes a file NAME.lc or NAME.lua before a module of the image: %s",
			names);
}

static void advise_requires(const struct check_scope *s, const struct lua_xref *x)
{
	struct tally shadowed = { 0 }, absent = { 0 }, unknown = { 0 };

	for (uint32_t i = 0; i < x->nrequires; i++) {
		const struct lua_require *q = &x->requires[i];

		if (q->name == LUA_NONE || q->kind == LUA_DOFILE)
			continue;
		if (q->kind == LUA_LFS_INDEX && q->module == LUA_NONE)
			count_require(&unknown, q);
		else if (q->kind == LUA_REQUIRE && q->module != LUA_NONE)
			count_require(&shadowed, q);
		else if (q->kind == LUA_REQUIRE && !in_list(c_modules, &s->img->strings[q->name]) &&
			 !in_list(libraries, &s->img->strings[q->name]))
			count_require(&absent, q);
	}
	advise_each(s, &unknown, NULL, "is asked of LFS, but no module has the name");
	advise_each(s, &absent, "see that the file is on the device",
		    "is required, but not in the image");
	advise_shadowed(s, &shadowed);
}

static void advise_strings(const struct check_scope *s)
{
	uint32_t count = 0, bytes = 0;

	for (uint32_t i = 0; i < s->img->nstrings; i++) {
		const struct lua_string *str = &s->img->strings[i];

		/* luac.cross always writes its own name in 5.3. */
		if (str->uses || has_name(s->img, i, "=(luac.cross)"))
			continue;
		count++;
		bytes += lua_string_bytes(str->len);
	}
	if (count)
		check_advise(s, NULL,
			     "%" PRIu32 " string%s, %" PRIu32 " bytes in flash, that "
			     "nothing in the image uses",
			     count, count > 1 ? "s" : "", bytes);
}

/*
 * Bytes that can be done without: in 5.3 the vectors of upvalues tell the device what to close
 * over.
 */
static uint32_t count_names(const struct lua_book *book)
{
	const struct lua_layout *layout = &book->layout;
	uint32_t bytes = layout->sum[LUA_BYTES_NAMES];

	for (uint32_t i = 0; book->img->traits.version == LUA_53 && i < layout->count; i++)
		if (layout->spans[i].who == LUA_OWNER_PROTO &&
		    layout->spans[i].part == LUA_PART_UPVALUES)
			bytes -= layout->spans[i].len;
	return bytes;
}

static void advise_size(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	uint32_t region = s->target->region;
	uint32_t lines = s->book->layout.sum[LUA_BYTES_LINEINFO];
	uint32_t names = count_names(s->book);

	if (region && img->flash_size <= region)
		check_advise(s, NULL, "%" PRIu64 " of the LFS region's %" PRIu32 " bytes, %.1f %%",
			     img->flash_size, region, 100.0 * (double)img->flash_size / region);
	if (lines || names)
		check_advise(s, NULL,
			     "debug data: line info takes %" PRIu32 " bytes, names of locals "
			     "and upvalues %" PRIu32 ", of %" PRIu64,
			     lines, names, img->flash_size);
	if (s->r->heap)
		check_advise(s, "reload it first thing after a restart",
			     "reloading needs about %" PRIu32 " bytes of free heap", s->r->heap);
}

void check_advice(const struct lua_book *book, const struct check_target *target,
		  struct check_report *r)
{
	struct check_scope s = { .book = book, .img = book->img, .target = target, .r = r };
	struct lua_xref x;

	if (!s.img || s.img->traits.form == LUA_FORM_CHUNK)
		return;
	advise_init(&s);
	if (lua_xref_make(s.img, NULL, &x)) {
		r->failed = true;
	} else {
		advise_modules(&s, &x);
		advise_requires(&s, &x);
		lua_xref_free(&x);
	}
	advise_strings(&s);
	advise_size(&s);
}
