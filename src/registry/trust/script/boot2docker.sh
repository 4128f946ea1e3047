
# boot2docker HOST: adds the host to the profile, a shell script that runs before Docker starts.
boot2docker() {
    profile=$ROOT/var/lib/boot2docker/profile
    line="EXTRA_ARGS=\"\${EXTRA_ARGS:-} --insecure-registry $1\""
    beside "$profile"
    : >>"$profile"
    cp -p "$profile" "$new"
    # Skipped if an earlier run has added it, or a user as the tutorials do.
    if ! grep -qxF -e "$line" -e "--insecure-registry $1" -e "--insecure-registry=$1" "$profile"; then
        # Ends a last line that has no line break.
        if [ -s "$new" ] && [ -n "$(tail -c 1 "$new")" ]; then
            echo >>"$new"
        fi
        printf '%s\n' "$line" >>"$new"
    fi
    replace "$new" "$profile"
}
