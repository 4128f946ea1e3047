set -eu
failed=
script=$(mktemp)
trap 'rm -f "$script"' EXIT

say() {
    printf '%s\n' "$*" >&2
}

# on AGENT COMMAND: runs the command with this standard input.
on() {
    ssh -o BatchMode=yes -o ConnectTimeout=10 "$1" "$2"
}

# send AGENT FROM TO MODE: sends the file through the connection; others can read it nowhere.
send() {
    new="\"\$to.milepost\""
    command="to=\${ROOT:-}$3; mkdir -p \"\${to%/*}\" && umask 077 && cat >$new && chmod $4 $new && mv -f $new \"\$to\""
    if on "$1" "sudo -n sh -c '$command'" <"$2"; then
        say "sent: $3"
    else
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
    fi
}

finish() {
    if [ -n "$failed" ]; then
        say "failed:$failed"
        exit 1
    fi
}
