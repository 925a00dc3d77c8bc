/* SPDX-License-Identifier: MIT */
#include "common/firmware/firmware.h"

#include <stdlib.h>

#include "common/firmware/parts.h"

/* The most particular first. */
static const struct firmware_format *const formats[] = { &firmware_elf, &firmware_flash };

static const struct firmware_format *format_of(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->probe(data, len))
			return formats[i];
	return NULL;
}

bool firmware_probe(const uint8_t *data, size_t len)
{
	return format_of(data, len) != NULL;
}

enum err firmware_open(struct firmware *fw, const char *file, const uint8_t *data, size_t len)
{
	const struct firmware_format *format = format_of(data, len);

	*fw = (struct firmware){ .file = file, .data = data, .len = len };
	if (!format)
		return diag_fail(&fw->diag, ERR_KIND, "neither a firmware nor a dump of a flash");
	format->load(fw);
	if (fw->diag.code != ERR_MEMORY && firmware_index_symbols(fw))
		return fw->diag.code;
	firmware_close(fw);
	fw->file = file;
	return diag_fail(&fw->diag, ERR_MEMORY, "out of memory");
}

void firmware_close(struct firmware *fw)
{
	free(fw->sections);
	free(fw->symbols);
	free(fw->sources);
	free(fw->symbol_names);
	free(fw->symbol_ends);
	free(fw->tables);
	free(fw->entries);
	free(fw->roots);
	free(fw->functions);
	free(fw->modules);
	free(fw->spans);
	free(fw->texts);
	free(fw->flash);
	*fw = (struct firmware){ 0 };
}

struct diag *firmware_note(struct firmware *fw)
{
	return fw->note_count++ < FIRMWARE_NOTES_MAX ? &fw->notes[fw->note_count - 1] : NULL;
}

enum err firmware_study(struct firmware *fw, struct diag *diag)
{
	if (fw->studied)
		return ERR_NONE;
	fw->studied = true;
	if (fw->form == FIRMWARE_ELF)
		firmware_read_dwarf(fw);
	if (firmware_find_tables(fw) && firmware_find_modules(fw) && firmware_find_spans(fw))
		return ERR_NONE;
	return diag_fail(diag, ERR_MEMORY, "out of memory");
}
