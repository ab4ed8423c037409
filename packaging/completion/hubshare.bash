# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# Completion of hubshare(1) for bash: hubshare itself says what there is.

_hubshare() {
	local kind word quoted typed=${COMP_WORDS[COMP_CWORD]}

	COMPREPLY=()
	{
		IFS= read -r kind
		while IFS= read -r word; do
			printf -v quoted %q "$word"
			# These would end the word.
			quoted=${quoted//:/\\:} quoted=${quoted//=/\\=}
			# Within quotes a name would be quoted otherwise: only what needs none.
			[[ $typed == [\'\"]* && $quoted != "$word" ]] || COMPREPLY+=("$quoted")
		done
	} < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	[[ $kind == words ]] || compopt -o default 2>/dev/null
}
complete -F _hubshare hubshare
