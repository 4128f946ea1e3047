
# restart HOST LOGIN: restarts Docker where a change made that necessary. Where that fails, or the agent is not drained, no
# other agent is touched: one after the other, they would all be out of service.
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
    # Only then it is not due any more: a run that is killed before leaves an agent that the next one gives back.
    # shellcheck disable=SC2016
    over='rm -f "${ROOT:-}'$mark'"'
    ended=0
    while_drained "$1" ssh -n -o BatchMode=yes -o ConnectTimeout=10 "$2" "sudo -n sh -c '$again'" || ended=$?
    if [ "$ended" -eq 0 ] && ! on "$2" "sudo -n sh -c '$over'" </dev/null; then
        say "error: $2: failed; Docker was restarted, and is again by the next run"
        failed="$failed $2"
    elif [ "$ended" -ne 0 ]; then
        say "error: $2: Docker was not restarted"
        failed="$failed $2"
        stopped=1
        if [ "$ended" -eq 130 ]; then
            stopped=130
        fi
    fi
}
