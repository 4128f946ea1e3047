
# WARNING: restarting Docker stops all its containers. First drain the agent of tasks that use Docker.
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
