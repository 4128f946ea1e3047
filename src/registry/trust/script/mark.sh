
# mark: Docker has to be restarted later, also where an error ends this script after a change.
mark() {
    if [ "$changed" = yes ]; then
        mkdir -p "$ROOT${due%/*}"
        : >"$ROOT$due"
    fi
}
trap 'rm -f "$new"; mark' EXIT
