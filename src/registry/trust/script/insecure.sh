
# insecure FILE HOST: adds the host to Docker's insecure-registries, and keeps everything else in the file.
insecure() {
    file=$ROOT$1
    beside "$file"
    if [ ! -s "$file" ]; then
        printf '{\n  "insecure-registries": ["%s"]\n}\n' "$2" >"$new"
        chmod 0644 "$new"
    else
        # The copy keeps mode and owner.
        cp -p "$file" "$new"
        if ! merge "$file" "$2" >"$new"; then
            rm -f "$new"
            say "error: $file was not changed; add \"$2\" to its list \"insecure-registries\" by hand"
            exit 1
        fi
    fi
    replace "$new" "$file"
}

# merge FILE HOST: prints the file with the host added.
merge() {
    for python in python3 python /opt/mesosphere/bin/python3 /opt/mesosphere/bin/python; do
        if command -v "$python" >/dev/null 2>&1; then
            "$python" -c '
import collections, io, json, sys
text = io.open(sys.argv[1], encoding="utf-8").read()
config = json.loads(text, object_pairs_hook=collections.OrderedDict)
hosts = config.setdefault("insecure-registries", [])
if not isinstance(hosts, list):
    sys.exit("insecure-registries is not a list")
if sys.argv[2] not in hosts:
    hosts.append(sys.argv[2])
    text = json.dumps(config, indent=2) + "\n"
sys.stdout.write(text)
' "$1" "$2"
            return
        fi
    done
    if command -v jq >/dev/null 2>&1; then
        if jq -e --arg host "$2" '.["insecure-registries"] // [] | index($host)' "$1" >/dev/null; then
            cat "$1"
        else
            jq --arg host "$2" '.["insecure-registries"] += [$host]' "$1"
        fi
        return
    fi
    say "this machine has neither python nor jq"
    return 1
}
