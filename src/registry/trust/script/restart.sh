
# WARNING: restarting Docker stops all its containers. Drain the agent of the tasks that use Docker first.
restart() {
    if [ "$changed" = no ]; then
        return
    elif [ -n "$ROOT" ]; then
        say "ROOT is set: Docker is not restarted"
    elif command -v systemctl >/dev/null 2>&1; then
        say "restarting Docker, which stops all its containers"
        systemctl restart docker
    else
        say "restarting Docker, which stops all its containers"
        /etc/init.d/docker restart
    fi
}
