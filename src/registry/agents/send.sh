set -eu
failed=
# The exit code, once an agent keeps the others from being done, and these.
stopped=
undone=
script=$(mktemp)
trap 'rm -f "$script"' EXIT

say() {
    printf '%s\n' "$*" >&2
}

# on AGENT COMMAND: runs the command with this standard input.
on() {
    ssh -o BatchMode=yes -o ConnectTimeout=10 "$1" "$2"
}

# What an agent does with a file that comes: TO MODE SIZE. Others can read it nowhere; what breaks off is no file, and each
# run has a name of its own until all of it is there. The one that is there stays where it is the same.
# shellcheck disable=SC2016
receive='set -eu; to=${ROOT:-}$1; mkdir -p "${to%/*}"; umask 077; '
# What a run that was killed has left is of no use after a day.
# shellcheck disable=SC2016
receive="$receive"'find "${to%/*}" -maxdepth 1 -name "${to##*/}.milepost.??????" -mmin +1440 -exec rm -f {} + 2>/dev/null || :; '
# shellcheck disable=SC2016
receive="$receive"'new=$(mktemp "$to.milepost.XXXXXX"); trap "rm -f \"$new\"" EXIT; trap "exit 1" HUP INT TERM; '
# shellcheck disable=SC2016
receive="$receive"'cat >"$new"; chmod "$2" "$new"; '
# shellcheck disable=SC2016
receive="$receive"'[ "$(wc -c <"$new")" -eq "$3" ] || { echo "error: not all of $1 came" >&2; exit 1; }; '
# shellcheck disable=SC2016
receive="$receive"'[ ! -d "$to" ] || { echo "error: $1 is a directory" >&2; exit 1; }; '
# shellcheck disable=SC2016
receive="$receive"'if [ ! -L "$to" ] && [ -O "$to" ] && cmp -s "$new" "$to"; '
# shellcheck disable=SC2016
receive="$receive"'then chmod "$2" "$to"; echo "unchanged: $1" >&2; else mv -f "$new" "$to"; echo "sent: $1" >&2; fi'

# send AGENT FROM TO MODE: sends the file through the connection.
send() {
    if ! [ -r "$2" ] || ! on "$1" "sudo -n sh -c '$receive' sh $3 $4 $(wc -c <"$2")" <"$2"; then
        say "error: $1: $3 could not be sent"
        failed="$failed $1"
        return 1
    fi
}

# run AGENT: a failure does not stop the other agents.
run() {
    if ! on "$1" 'sudo -n sh -s' <"$script"; then
        say "error: $1: failed"
        failed="$failed $1"
        return 1
    fi
}

finish() {
    if [ -n "$failed" ]; then
        say "failed:$failed"
    fi
    if [ -n "$undone" ]; then
        say "not done:$undone: run this again once the one that failed is right"
    fi
    if [ -n "$failed" ]; then
        exit "${stopped:-1}"
    fi
}
