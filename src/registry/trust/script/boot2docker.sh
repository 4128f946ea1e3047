
# boot2docker HOST: the profile is a piece of shell that is read before Docker starts.
boot2docker() {
    profile=$ROOT/var/lib/boot2docker/profile
    line="EXTRA_ARGS=\"\${EXTRA_ARGS:-} --insecure-registry $1\""
    new="$profile.milepost.$$"
    mkdir -p "${profile%/*}"
    : >>"$profile"
    cp -p "$profile" "$new"
    # Written here before, or by hand as the tutorials have it.
    if ! grep -qxF -e "$line" -e "--insecure-registry $1" -e "--insecure-registry=$1" "$profile"; then
        # A last line without a line break stays a line of its own.
        if [ -s "$new" ] && [ -n "$(tail -c 1 "$new")" ]; then
            echo >>"$new"
        fi
        printf '%s\n' "$line" >>"$new"
    fi
    replace "$new" "$profile"
}
