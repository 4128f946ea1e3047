
# is_there PATH: true also for a dangling link.
is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# drop_link LINK: removes HASH.N. OpenSSL stops at the first missing number, so later ones move up.
drop_link() {
    base=${1%.*}
    number=${1##*.}
    rm -f "$1"
    while is_there "$base.$((number + 1))"; do
        mv "$base.$((number + 1))" "$base.$number"
        number=$((number + 1))
    done
    changed=yes
    say "removed: $1"
}

# link DIRECTORY FILE HASH: makes the link by which OpenSSL finds this file, HASH.0 or the next free number.
link() {
    for old in "$ROOT$1"/*.[0-9]; do
        [ -L "$old" ] || continue
        case $(readlink "$old") in
            "$2" | "$1/$2")
                # A link for an earlier content of the file, with another hash.
                case ${old##*/} in
                    "$3".*) ;;
                    *) drop_link "$old" ;;
                esac
                ;;
        esac
    done
    number=0
    while is_there "$ROOT$1/$3.$number"; do
        if cmp -s "$ROOT$1/$3.$number" "$ROOT$1/$2"; then
            say "unchanged: $ROOT$1/$3.$number"
            return
        fi
        if [ -e "$ROOT$1/$3.$number" ]; then
            number=$((number + 1))
        else
            drop_link "$ROOT$1/$3.$number"
            number=0
        fi
    done
    ln -s "$2" "$ROOT$1/$3.$number"
    changed=yes
    say "linked: $ROOT$1/$3.$number -> $2"
}
