"""Ordinary calls of the Python library `marathon` to the server at argv[1]."""
import sys, time
from marathon import MarathonClient, MarathonApp
from marathon.exceptions import NotFoundError

client = MarathonClient(sys.argv[1])
assert b"pong" in client.ping(), client.ping()
assert client.get_info().version.startswith("1."), client.get_info()
app = client.create_app("/old/web", MarathonApp(cmd="sleep 100", mem=32, cpus=0.1, instances=1))
assert app.id == "/old/web", app

def settle():
    end = time.time() + 60
    while client.list_deployments():
        assert time.time() < end, client.list_deployments()
        time.sleep(0.1)

settle()
assert client.get_app("/old/web").tasks_running == 1
assert [app.id for app in client.list_apps()] == ["/old/web"]
assert "deploymentId" in client.scale_app("/old/web", instances=2)
settle()
assert len(client.list_tasks("/old/web")) == 2
client.update_app("/old/web", MarathonApp(cmd="sleep 200"))
settle()
versions = client.list_versions("/old/web")
assert len(versions) == 3, versions
assert client.get_app("/old/web").cmd == "sleep 200"
client.restart_app("/old/web")
settle()
# What waits is not read by the library: it does not take the role that Marathon 1.9 and later answer.
assert client.list_queue() == []
client.kill_given_tasks([client.list_tasks("/old/web")[0].id])
# get_group is left out: the library does not take the enforceRole that Marathon 1.9 and later answer.
client.delete_app("/old/web")
settle()
try:
    client.get_app("/old/web")
except NotFoundError:
    pass
else:
    raise AssertionError("it was deleted")
