
# restart HOST LOGIN: restarts Docker where a change made that necessary. An interruption ends it all.
restart() {
    # shellcheck disable=SC2016
    due='if [ -e "${ROOT:-}'$mark'" ]; then echo due; fi'
    if ! due=$(on "$2" "sudo -n sh -c '$due'" </dev/null); then
        say "error: $2: failed"
        failed="$failed $2"
        return
    elif [ -z "$due" ]; then
        return
    fi
    # shellcheck disable=SC2016
    again='if command -v systemctl >/dev/null; then systemctl restart docker; else /etc/init.d/docker restart; fi'
    # shellcheck disable=SC2016
    again="$again"' && rm -f "${ROOT:-}'$mark'"'
    ended=0
    while_drained "$1" ssh -n -o BatchMode=yes -o ConnectTimeout=10 "$2" "sudo -n sh -c '$again'" || ended=$?
    if [ "$ended" -ne 0 ]; then
        say "error: $2: Docker was not restarted"
        failed="$failed $2"
    fi
    if [ "$ended" -eq 130 ]; then
        say "failed:$failed"
        exit 130
    fi
}
