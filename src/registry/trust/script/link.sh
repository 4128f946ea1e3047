
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

# unlink_file DIRECTORY FILE HASH: removes the links to this file, but for those with this hash.
unlink_file() {
    for old in "$ROOT$1"/*.[0-9]; do
        [ -L "$old" ] || continue
        case $(readlink "$old") in
            "$2" | "$1/$2") ;;
            *) continue ;;
        esac
        case ${old##*/} in
            "$3".*) ;;
            *) drop_link "$old" ;;
        esac
    done
}

# link DIRECTORY FILE HASH: makes the link by which OpenSSL finds this file, HASH.0 or the next free number. Another
# registry's file with the same certificate has its own link, which may go with that file.
link() {
    # Links for an earlier content of the file have another hash.
    unlink_file "$1" "$2" "$3"
    number=0
    while is_there "$ROOT$1/$3.$number"; do
        case $(readlink "$ROOT$1/$3.$number") in
            "$2" | "$1/$2")
                say "unchanged: $ROOT$1/$3.$number"
                return
                ;;
        esac
        if [ -e "$ROOT$1/$3.$number" ]; then
            number=$((number + 1))
        else
            drop_link "$ROOT$1/$3.$number"
            number=0
        fi
    done
    if ! ln -s "$2" "$ROOT$1/$3.$number" 2>/dev/null && is_there "$ROOT$1/$3.$number"; then
        # Another run was faster.
        link "$1" "$2" "$3"
        return
    fi
    is_there "$ROOT$1/$3.$number" || ln -s "$2" "$ROOT$1/$3.$number"
    changed=yes
    say "linked: $ROOT$1/$3.$number -> $2"
}

# forget DIRECTORY NAME COUNT: removes the certificates NAME+N.crt beyond this number, with their links.
forget() {
    for file in "$ROOT$1/$2+"*.crt; do
        [ -e "$file" ] || continue
        number=${file##*+}
        number=${number%.crt}
        if [ "$number" -gt "$3" ]; then
            unlink_file "$1" "${file##*/}" none
            rm -f "$file"
            changed=yes
            say "removed: $file"
        fi
    done
}
