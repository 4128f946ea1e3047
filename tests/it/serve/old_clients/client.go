// Ordinary calls of github.com/gambol99/go-marathon to the server at os.Args[1].
package main

import (
	"log"
	"os"
	"time"

	marathon "github.com/gambol99/go-marathon"
)

const patience = 60 * time.Second

func must(err error) {
	if err != nil {
		log.Output(2, err.Error())
		os.Exit(1)
	}
}

func check(fine bool, what string) {
	if !fine {
		log.Output(2, what)
		os.Exit(1)
	}
}

func main() {
	log.SetFlags(log.Lshortfile)
	config := marathon.NewDefaultConfig()
	config.URL = os.Args[1]
	config.EventsTransport = marathon.EventsTransportSSE
	client, err := marathon.NewClient(config)
	must(err)
	pong, err := client.Ping()
	must(err)
	check(pong, "no pong")
	info, err := client.Info()
	must(err)
	check(info.Version != "", "no version")
	_, err = client.Leader()
	must(err)
	events, err := client.AddEventsListener(marathon.EventIDDeploymentSuccess)
	must(err)

	app := new(marathon.Application).Name("/old/web").CPU(0.1).Memory(32).Count(2).Command("sleep 100")
	created, err := client.CreateApplication(app)
	must(err)
	check(created.ID == "/old/web", created.ID)
	must(client.WaitOnApplication("/old/web", patience))
	select {
	case event := <-events:
		check(event.Name == "deployment_success", event.Name)
	case <-time.After(patience):
		log.Fatal("no event")
	}
	names, err := client.ListApplications(nil)
	must(err)
	check(len(names) == 1 && names[0] == "/old/web", "the list of apps")
	held, err := client.Application("/old/web")
	must(err)
	check(held.TasksRunning == 2 && len(held.Tasks) == 2, "not all tasks run")
	fine, err := client.ApplicationOK("/old/web")
	must(err)
	check(fine, "the app is not healthy")

	scaled, err := client.ScaleApplicationInstances("/old/web", 3, false)
	must(err)
	must(client.WaitOnDeployment(scaled.DeploymentID, patience))
	update := new(marathon.Application).Name("/old/web").Command("sleep 200")
	updated, err := client.UpdateApplication(update, false)
	must(err)
	must(client.WaitOnDeployment(updated.DeploymentID, patience))
	versions, err := client.ApplicationVersions("/old/web")
	must(err)
	check(len(versions.Versions) == 3, "the versions of the app")
	first := versions.Versions[len(versions.Versions)-1]
	before, err := client.ApplicationByVersion("/old/web", first)
	must(err)
	check(*before.Cmd == "sleep 100", *before.Cmd)
	back, err := client.SetApplicationVersion("/old/web", &marathon.ApplicationVersion{Version: first})
	must(err)
	must(client.WaitOnDeployment(back.DeploymentID, patience))
	restarted, err := client.RestartApplication("/old/web", false)
	must(err)
	must(client.WaitOnDeployment(restarted.DeploymentID, patience))

	tasks, err := client.Tasks("/old/web")
	must(err)
	check(len(tasks.Tasks) == 2, "the tasks of the app")
	// KillTask is left out: it takes the app of a task from the task's id, which Marathon 1.9 and later form in another way.
	must(client.KillTasks([]string{tasks.Tasks[0].ID}, nil))
	_, err = client.KillApplicationTasks("/old/web", &marathon.KillApplicationTasksOpts{Scale: false})
	must(err)
	_, err = client.AllTasks(nil)
	must(err)
	_, err = client.Queue()
	must(err)
	_, err = client.Deployments()
	must(err)

	group := marathon.NewApplicationGroup("/old/more")
	group.App(new(marathon.Application).Name("/old/more/db").CPU(0.1).Memory(32).Count(1).Command("sleep 100"))
	must(client.CreateGroup(group))
	must(client.WaitOnGroup("/old/more", patience))
	groups, err := client.Groups()
	must(err)
	check(len(groups.Groups) == 1, "the groups")
	has, err := client.HasGroup("/old/more")
	must(err)
	check(has, "the group is missing")
	gone, err := client.DeleteGroup("/old/more", true)
	must(err)
	must(client.WaitOnDeployment(gone.DeploymentID, patience))

	pods, err := client.SupportsPods()
	must(err)
	check(pods, "pods are not supported")
	deleted, err := client.DeleteApplication("/old/web", true)
	must(err)
	must(client.WaitOnDeployment(deleted.DeploymentID, patience))
	_, err = client.Application("/old/web")
	missing, isAPIError := err.(*marathon.APIError)
	check(isAPIError && missing.ErrCode == marathon.ErrCodeNotFound, "the app was deleted")
}
