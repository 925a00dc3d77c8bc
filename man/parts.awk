# SPDX-License-Identifier: MIT
# awk -f parts.awk PARTS PAGE: the page with each line .\" @NAME@ replaced by the lines behind that
# line in PARTS, up to the next of the kind.
/^\.\\" @[A-Z]+@$/ {
	name = $2
	if (NR != FNR && !(name in part)) {
		print FILENAME ": no " name > "/dev/stderr"
		exit 1
	}
	if (NR != FNR)
		printf "%s", part[name]
	next
}
NR == FNR { part[name] = part[name] $0 "\n"; next }
{ print }
