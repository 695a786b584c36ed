package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPeopleJoinAPractice(t *testing.T) {
	p := newStack(t, onRealStore).found("olivia", false)

	p.run(t, "G-2 whoever founds a practice owns it", func(t *testing.T) {
		require.Equal(t, me{Account: p.me("olivia").Account, Group: p.group, Member: p.members["olivia"], Role: "owner"}, p.me("olivia"))
		var g struct{ Name, BillingZone, Currency, Owner string }
		p.get("olivia", p.path("")).into(&g)
		require.Equal(t, struct{ Name, BillingZone, Currency, Owner string }{"Harbor Psychiatry", "America/New_York", "USD", p.members["olivia"]}, g)
	})
	p.run(t, "G-8 an invitation is answered by the invited address only", func(t *testing.T) {
		i := p.invite("carla", "user", true)
		p.post("zoe", p.path("/invitations/", i, "/accept"), nil).refused(http.StatusNotFound, "invitation_not_found")
		p.post("carla", p.path("/invitations/", i, "/accept"), nil).done()
		p.post("carla", p.path("/invitations/", i, "/accept"), nil).problem()
		p.members["carla"] = p.me("carla").Member
		require.Equal(t, "user", p.me("carla").Role)
	})
	p.run(t, "an address that is none is refused as one", func(t *testing.T) {
		for _, address := range []string{"not-an-address", "foo@", "a b@c.example", "a@b@c.example", "<a@b.example>", "a@b..c", ".a@b.c", "(c)a@b.example"} {
			p.post("olivia", p.path("/invitations"), object{"email": address, "role": "user"}).refused(http.StatusBadRequest, "malformed_email")
		}
		p.post("olivia", p.path("/invitations"), object{"email": "a@b.example\u200b", "role": "user"}).refused(http.StatusBadRequest, "malformed_text")
		require.Equal(t, "dry_run", p.post("olivia", p.path("/invitations"), object{"email": " typed@example.org ", "role": "user"}, asDryRun).receipt().Outcome)
	})
	p.run(t, "an invitation can be declined and taken back", func(t *testing.T) {
		declined := p.invite("david", "user", true)
		p.post("david", p.path("/invitations/", declined, "/decline"), nil).done()
		p.post("david", p.path("/invitations/", declined, "/accept"), nil).refused(http.StatusUnprocessableEntity, "invitation_used")
		revoked := p.invite("david", "user", true)
		p.post("olivia", p.path("/invitations/", revoked, "/revoke"), nil).done()
		p.post("david", p.path("/invitations/", revoked, "/accept"), nil).refused(http.StatusUnprocessableEntity, "invitation_used")
	})
	p.run(t, "the directory names everybody", func(t *testing.T) {
		p.join("maria", "manager", true, "carla")
		p.join("alex", "assistant", false, "carla")
		var list struct {
			Members []struct {
				ID, Role         string
				Active           bool
				Manages, Assists []string
			}
		}
		p.get("carla", p.path("/members")).into(&list)
		require.Len(t, list.Members, 4)
		require.Equal(t, []string{p.members["carla"]}, list.Members[2].Manages)
		require.Equal(t, []string{p.members["carla"]}, list.Members[3].Assists)
	})
	p.run(t, "branches are opened, renamed and staffed", func(t *testing.T) {
		branch := p.post("olivia", p.path("/branches"), object{"name": "Riverside"}).done().ID
		p.send("olivia", http.MethodPatch, p.path("/branches/", branch), object{"name": "River Street"}).done()
		p.post("olivia", p.path("/branches"), object{"name": "River Street"}).refused(http.StatusUnprocessableEntity, "branch_name_taken")
		p.put("olivia", p.path("/members/", p.members["carla"], "/branches"), object{"branches": []string{p.branch, branch}}).done()
	})
	p.run(t, "roles and assignments change", func(t *testing.T) {
		p.join("emma", "user", true)
		p.put("olivia", p.path("/members/", p.members["emma"], "/role"), object{"role": "manager", "clinicians": []string{p.members["carla"]}}).done()
		p.put("olivia", p.path("/members/", p.members["emma"], "/managed-clinicians"), object{"clinicians": []string{p.members["carla"], p.members["maria"]}}).done()
		p.put("olivia", p.path("/members/", p.members["alex"], "/assisted-clinicians"), object{"clinicians": []string{p.members["emma"]}}).done()
	})
	p.run(t, "G-7 a removed member may join elsewhere, and is back to nothing here", func(t *testing.T) {
		p.remove("emma")
		require.Equal(t, me{Account: p.me("emma").Account}, p.me("emma"))
		elsewhere := p.found("omar", true)
		elsewhere.join("emma", "user", true)
		require.Equal(t, elsewhere.group, p.me("emma").Group)
	})
	p.run(t, "the practice says about itself what it likes", func(t *testing.T) {
		p.send("olivia", http.MethodPatch, p.path(""), object{"phone": "555-0100", "city": "Harbor"}).done()
		var g struct{ Info map[string]string }
		p.get("carla", p.path("")).into(&g)
		require.Equal(t, "555-0100", g.Info["phone"])
		require.Equal(t, "Harbor", g.Info["city"])
	})
}
