/* SPDX-License-Identifier: MIT */
#include "common/view/completion.h"

#include <string.h>

/* Makes lines "name:what it is" of what --columns help prints. */
#define COLUMN_LINES "sed -n 's/^  \\([a-z0-9_]*\\) *[a-z]*  *\\(.*\\)/\\1:\\2/p'"

/* What is offered for the argument of an option. */
enum kind {
	KIND_NOTHING,
	KIND_FILES,
	KIND_FOLDERS,
	KIND_COLUMNS,
	KIND_WORDS,
};

bool completion_is_optional(const struct option_row *r)
{
	return r->arg && r->arg[0] == '[';
}

/* The words that an argument can be; NULL: it is not one of a few. */
static const struct manual_words *words_of(const struct manual *m, const struct option_row *r)
{
	static const struct manual_words help = { "help", MANUAL_WHAT, NULL };
	static const struct manual_words when = { NULL, "auto always never", NULL };
	const char *arg = r->arg + completion_is_optional(r);

	if (strncmp(arg, "WHEN", 4) == 0)
		return &when;
	if (strcmp(r->name, help.option) == 0)
		return &help;
	for (const struct manual_words *w = m->words; w && w->option; w++)
		if (strcmp(w->option, r->name) == 0)
			return w;
	return NULL;
}

/* Of an option with an argument. */
static enum kind kind_of(const struct manual *m, const struct option_row *r)
{
	static const struct {
		const char *arg;
		enum kind kind;
	} rows[] = {
		{ "FILE", KIND_FILES },   { "PATH", KIND_FILES },     { "IMAGE", KIND_FILES },
		{ "ELF", KIND_FILES },    { "PORT", KIND_FILES },     { "DIR", KIND_FOLDERS },
		{ "LIST", KIND_COLUMNS }, { "COLUMN", KIND_COLUMNS },
	};
	const char *arg = r->arg + completion_is_optional(r);

	if (words_of(m, r))
		return KIND_WORDS;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(rows[i].arg, arg, strlen(rows[i].arg)) == 0)
			return rows[i].kind;
	return KIND_NOTHING;
}

/* Word i; *meaning: what it stands for, or NULL. False when there are no more. */
static bool word_at(const struct manual_words *w, unsigned i, char word[64], const char **meaning)
{
	const char *at = w->words;

	*meaning = NULL;
	if (!at)
		at = w->nth(i, meaning);
	else
		for (; i && at; i--)
			at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL;
	if (at)
		snprintf(word, 64, "%.*s", (int)strcspn(at, " "), at);
	return at;
}

/* All words, blanks between them. */
static void put_words(FILE *f, const struct manual_words *w)
{
	const char *meaning;
	char word[64];

	for (unsigned i = 0; word_at(w, i, word, &meaning); i++)
		fprintf(f, "%s%s", i ? " " : "", word);
}

static bool has_columns(const struct manual *m)
{
	for (const struct option_row *r = m->options; r->help; r++)
		if (r->arg && kind_of(m, r) == KIND_COLUMNS)
			return true;
	return false;
}

/* The help in a line, with a backslash before what is special to the shell, but for quotes. */
static void put_help(FILE *f, const char *help, const char *special, const char *quote)
{
	for (; *help; help++) {
		if (*help == '\'')
			fputs(quote, f);
		else if (strchr(special, *help))
			fprintf(f, "\\%c", *help);
		else
			fputc(*help == '\n' ? ' ' : *help, f);
	}
}

/* What the word before can be; with = behind it when it and the argument are one word. */
static void bash_pattern(FILE *f, const struct option_row *r, const char *between)
{
	fputs(between, f);
	if (r->letter && !completion_is_optional(r))
		fprintf(f, "-%c | ", r->letter);
	if (!completion_is_optional(r))
		fprintf(f, "--%s | ", r->name);
	fprintf(f, "--%s=", r->name);
}

/* One case for all options whose arguments are of a kind. */
static void bash_kind(FILE *f, const struct manual *m, enum kind kind, const char *action)
{
	const char *between = "\t";

	for (const struct option_row *r = m->options; r->help; r++) {
		if (!r->arg || kind_of(m, r) != kind)
			continue;
		bash_pattern(f, r, between);
		between = " | \\\n\t\t";
	}
	if (between[0] == ' ')
		fprintf(f, ")%s ;;\n", action);
}

static void bash_words(FILE *f, const struct manual *m)
{
	for (const struct option_row *r = m->options; r->help; r++) {
		if (!r->arg || kind_of(m, r) != KIND_WORDS)
			continue;
		bash_pattern(f, r, "\t");
		fputs(") words='", f);
		put_words(f, words_of(m, r));
		fputs("' ;;\n", f);
	}
}

static void bash_columns(FILE *f, const struct manual *m)
{
	if (!has_columns(m))
		return;
	fprintf(f,
		"_%s_columns() {\n"
		"\t%s \"$@\" --columns help 2>/dev/null </dev/null | %s | cut -d: -f1\n"
		"}\n",
		m->program, m->program, COLUMN_LINES);
}

/* All options, where none of them waits for an argument. */
static void bash_options(FILE *f, const struct manual *m)
{
	fputs("\t*)\n"
	      "\t\t[[ $word == -* ]] || return\n"
	      "\t\twords='",
	      f);
	for (const struct option_row *r = m->options; r->help; r++) {
		if (r->name && r->letter)
			fprintf(f, "-%c ", r->letter);
		if (r->name)
			fprintf(f, "--%s\n\t\t\t", r->name);
	}
	fputs("'\n\t\t;;\n", f);
}

/* Readline has its own words: "--color=al" is three of them. Files are its default. */
void completion_bash(FILE *f, const struct manual *m)
{
	char columns[200];

	fprintf(f, "# bash completion of %s, by %s --help=bash\n", m->program, m->program);
	bash_columns(f, m);
	fprintf(f,
		"_%s() {\n"
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) words='' prefix=''\n"
		"\tlocal option=${COMP_WORDS[at]}\n"
		"\tCOMPREPLY=()\n"
		"\tif [[ $word == '=' ]]; then\n"
		"\t\tword='' option+='='\n"
		"\telif [[ $option == '=' && $at -gt 1 ]]; then\n"
		"\t\tat=$((at - 1))\n"
		"\t\toption=${COMP_WORDS[at]}=\n"
		"\tfi\n"
		"\tcase $option in\n",
		m->program);
	snprintf(columns, sizeof(columns),
		 "\n\t\tprefix=${word%%\"${word##*[,+-]}\"}\n"
		 "\t\twords=$(_%s_columns \"${COMP_WORDS[@]:1:at-1}\")\n"
		 "\t\tcompopt -o nospace\n\t\t",
		 m->program);
	bash_kind(f, m, KIND_FILES, " return");
	bash_kind(f, m, KIND_FOLDERS, " compopt -o dirnames");
	bash_kind(f, m, KIND_COLUMNS, columns);
	bash_kind(f, m, KIND_NOTHING, "");
	bash_words(f, m);
	bash_options(f, m);
	fprintf(f,
		"\tesac\n"
		"\tcompopt +o default +o bashdefault\n"
		"\tmapfile -t COMPREPLY < <(compgen -P \"$prefix\" -W \"$words\" -- "
		"\"${word#\"$prefix\"}\")\n"
		"}\n"
		"complete -o default -o bashdefault -F _%s %s\n",
		m->program, m->program);
}

/*
 * Each word with its own meaning, in quotes within the quotes of the list; else with an empty one,
 * for fish would show that of the option behind each of them.
 */
static void fish_words(FILE *f, const struct manual_words *w)
{
	const char *meaning;
	char word[64];

	for (unsigned i = 0; word_at(w, i, word, &meaning); i++) {
		const char *quote = meaning ? "\\'" : "";

		fprintf(f, "%s%s\\t%s", i ? " " : "", word, quote);
		put_help(f, meaning ? meaning : "", "", "\\\\\\'");
		fputs(quote, f);
	}
}

static void fish_option(FILE *f, const struct manual *m, const struct option_row *r)
{
	const char *need = completion_is_optional(r) ? " -f" : " -x";

	fprintf(f, "complete -c %s -l %s", m->program, r->name);
	if (r->letter)
		fprintf(f, " -s %c", r->letter);
	switch (r->arg ? kind_of(m, r) : KIND_NOTHING) {
	case KIND_NOTHING: fputs(r->arg ? need : "", f); break;
	case KIND_FILES: fputs(" -r -F", f); break;
	case KIND_FOLDERS: fputs(" -x -a '(__fish_complete_directories)'", f); break;
	case KIND_COLUMNS: fprintf(f, " -x -a '(__%s_columns)'", m->program); break;
	case KIND_WORDS:
		fprintf(f, "%s -a '", need);
		fish_words(f, words_of(m, r));
		fputc('\'', f);
		break;
	}
	fputs(" -d '", f);
	put_help(f, r->help, "\\", "\\'");
	fputs("'\n", f);
}

void completion_fish(FILE *f, const struct manual *m)
{
	fprintf(f, "# fish completion of %s, by %s --help=fish\n", m->program, m->program);
	if (has_columns(m))
		fprintf(f,
			"function __%s_columns\n"
			"\tset -l words (commandline -opc)[2..-1]\n"
			"\tstring match -qr -- '^--(columns|sort)$' $words[-1]; and set -e "
			"words[-1]\n"
			"\tset -l before (commandline -ct | string replace -r -- '^--\\w+=' '' |\n"
			"\t\tstring replace -r -- '[^,+-]*$' '')\n"
			"\tcommand %s $words --columns help 2>/dev/null </dev/null |\n"
			"\t\tstring replace -rf -- '^  (\\w+) +\\w+ +(.*)' \"$before\\$1\\t\\$2\"\n"
			"end\n",
			m->program, m->program);
	for (const struct option_row *r = m->options; r->help; r++)
		if (r->name)
			fish_option(f, m, r);
}

/* An option may be repeated when it has an argument: "--keep GLOB --keep GLOB". */
static void zsh_option(FILE *f, const struct manual *m, const struct option_row *r)
{
	bool optional = completion_is_optional(r);
	const char *behind = optional ? "=-" : r->arg ? "=" : "";

	fputs(" \\\n\t", f);
	if (r->letter && r->arg && !optional)
		fprintf(f, "'*'{-%c+,--%s=}'[", r->letter, r->name);
	else if (r->letter)
		fprintf(f, "'(-%c --%s)'{-%c,--%s%s}'[", r->letter, r->name, r->letter, r->name,
			behind);
	else
		fprintf(f, "'%s--%s%s[", r->arg && !optional ? "*" : "", r->name, behind);
	put_help(f, r->help, "[]:\\", "'\\''");
	fputc(']', f);
	if (!r->arg) {
		fputc('\'', f);
		return;
	}
	fprintf(f, "%s:%.*s:", optional ? ":" : "", (int)strlen(r->arg) - 2 * optional,
		r->arg + optional);
	switch (kind_of(m, r)) {
	case KIND_NOTHING: break;
	case KIND_FILES: fputs("_files", f); break;
	case KIND_FOLDERS: fputs("_files -/", f); break;
	case KIND_COLUMNS: fprintf(f, "_%s_columns", m->program); break;
	case KIND_WORDS:
		fputc('(', f);
		put_words(f, words_of(m, r));
		fputc(')', f);
		break;
	}
	fputc('\'', f);
}

void completion_zsh(FILE *f, const struct manual *m)
{
	fprintf(f, "#compdef %s\n# zsh completion of %s, by %s --help=zsh\n", m->program,
		m->program, m->program);
	if (has_columns(m))
		fprintf(f,
			"_%s_columns() {\n"
			"\tlocal -a before=(\"${(@)words[2,CURRENT-1]}\") columns\n"
			"\t[[ $before[-1] == --(columns|sort) ]] && before[-1]=()\n"
			"\tcolumns=(${(fu)\"$(command %s $before --columns help 2>/dev/null "
			"</dev/null |\n\t\t%s)\"})\n"
			"\tcompset -P '*[,+-]'\n"
			"\t_describe -t columns column columns\n"
			"}\n",
			m->program, m->program, COLUMN_LINES);
	fputs("_arguments -s -S", f);
	for (const struct option_row *r = m->options; r->help; r++)
		if (r->name)
			zsh_option(f, m, r);
	fputs(" \\\n\t'*:file:_files'\n", f);
}
