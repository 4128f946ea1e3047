set -eu
umask 022
ROOT=${ROOT:-}
changed=no
new=
# No partial file is left after an error.
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM

say() {
    printf '%s\n' "$*" >&2
}

# beside FILE: makes an empty file in its directory, which no other run has, as $new.
beside() {
    mkdir -p "${1%/*}"
    new=$(mktemp "${1%/*}/.milepost.XXXXXX")
}

# replace NEW FILE: NEW becomes FILE, unless both are equal.
replace() {
    if cmp -s "$1" "$2"; then
        rm -f "$1"
        say "unchanged: $2"
    else
        mv -f "$1" "$2"
        changed=yes
        say "wrote: $2"
    fi
}

# place FILE: standard input becomes this file, readable for everybody.
place() {
    beside "$ROOT$1"
    cat >"$new"
    chmod 0644 "$new"
    replace "$new" "$ROOT$1"
}
