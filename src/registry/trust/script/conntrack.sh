
# Without this setting the kernel drops packets of long transfers through a virtual IP as invalid.
conntrack() {
    printf 'net.netfilter.nf_conntrack_tcp_be_liberal = 1\n' | place /etc/sysctl.d/99-milepost-registry-vip.conf
    if [ -z "$ROOT" ] && ! sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1 >/dev/null; then
        say "warning: the kernel does not accept it now (is nf_conntrack loaded?); it will at the next boot"
    fi
}
