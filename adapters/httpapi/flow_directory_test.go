package httpapi_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type directoryEntry struct {
	ID, DisplayName, Role, Licence, Plan, Profession string
	Active, Clinician                                bool
	JoinedAt, RoleSince, LeftAt                      time.Time
	Removal                                          *struct{ Stage string }
}

type directoryPage struct {
	Members    []directoryEntry
	NextCursor string
	AsOf       string
}

func (p *practice) directory(as, query string) (page directoryPage) {
	p.t.Helper()
	p.get(as, p.path("/members"+query)).into(&page)
	require.NotEmpty(p.t, page.AsOf)
	return page
}

func TestDirectory(t *testing.T) {
	p := newStack(t).staffed()
	p.join("bea", "assistant", false, "carla")
	p.run(t, "names people as their sign-ins do, in pages", func(t *testing.T) {
		first := p.directory("carla", "?limit=2")
		require.Len(t, first.Members, 2)
		require.Equal(t, "olivia", first.Members[0].DisplayName)
		rest := p.directory("carla", "?limit=2&cursor="+url.QueryEscape(first.NextCursor))
		require.Len(t, rest.Members, 2)
		require.Empty(t, rest.NextCursor)
		require.Equal(t, rest.Members[1], p.directory("carla", "?sort=-joined&limit=1").Members[0])
	})
	p.run(t, "is filtered", func(t *testing.T) {
		require.Len(t, p.directory("carla", "?role=assistant&clinician=false").Members, 1)
		require.Len(t, p.directory("carla", "?branch="+p.branch).Members, 4)
		require.Empty(t, p.directory("carla", "?active=false").Members)
		p.remove("bea")
		former := p.directory("carla", "?active=false").Members
		require.Len(t, former, 1)
		require.Equal(t, "access_ended", former[0].Removal.Stage)
		require.False(t, former[0].LeftAt.IsZero())
		p.get("carla", p.path("/members?cursor=nonsense"), malformed).refused(http.StatusBadRequest, "malformed_cursor")
	})
	p.run(t, "BIL-13 shows licences and plans to those who may see the subscription", func(t *testing.T) {
		p.subscribe("therapist_basic", "therapist")
		require.Equal(t, "therapist_basic", p.directory("olivia", "?role=user").Members[0].Plan)
		for _, m := range p.directory("carla", "").Members {
			require.Empty(t, m.Plan+m.Licence)
		}
	})
	p.run(t, "open invitations are listed without an address", func(t *testing.T) {
		invitation := p.invite("newcomer", "assistant", false, "carla")
		a := p.get("olivia", p.path("/invitations"))
		require.Contains(t, string(a.body), invitation)
		require.NotContains(t, string(a.body), "newcomer")
		p.post("olivia", p.path("/invitations/", invitation, "/revoke"), nil).done()
		require.NotContains(t, string(p.get("olivia", p.path("/invitations")).body), invitation)
	})
}

type heldPermission struct {
	Capability          string
	Allowed, Everything bool
	Grounds             []struct{ Rule, Scope, Grantor string }
}

type permissionHolders struct {
	Members []struct {
		Member      string
		Permissions []heldPermission
	}
}

func TestEffectivePermissions(t *testing.T) {
	p := newStack(t).staffed()
	p.join("maria", "manager", true, "carla")
	from := p.clock.Now().Add(48 * time.Hour).UTC()
	p.put("olivia", p.path("/members/", p.members["carla"], "/permissions/roster.export"), object{"effect": "allow", "scope": "own", "from": from.Format(time.RFC3339)}).done()
	list := func(as, member, query string) map[string]heldPermission {
		var one struct{ Permissions []heldPermission }
		p.get(as, p.path("/members/", p.members[member], "/permissions", query)).into(&one)
		held := map[string]heldPermission{}
		for _, permission := range one.Permissions {
			held[permission.Capability] = permission
		}
		return held
	}
	holders := func(as, query string) (members []string) {
		var found permissionHolders
		p.get(as, p.path("/permissions", query)).into(&found)
		for _, m := range found.Members {
			members = append(members, m.Member)
		}
		return members
	}
	p.run(t, "one member's whole list says how far and why", func(t *testing.T) {
		held := list("carla", "carla", "")
		require.Equal(t, "role:user/own", held["roster.view"].Grounds[0].Rule)
		require.Equal(t, "guardrail", held["group.close"].Grounds[0].Rule)
		require.False(t, held["roster.export"].Allowed, "the grant has not begun yet")
		require.True(t, list("olivia", "olivia", "")["roster.view"].Everything)
	})
	p.run(t, "a rule begins with the instant that is asked about", func(t *testing.T) {
		held := list("olivia", "carla", "?at="+url.QueryEscape(from.Format(time.RFC3339)))["roster.export"]
		require.True(t, held.Allowed)
		require.Equal(t, p.members["olivia"], held.Grounds[0].Grantor)
		require.NotContains(t, holders("olivia", "?capability=roster.export"), p.members["carla"])
		require.Contains(t, holders("olivia", "?capability=roster.export&at="+url.QueryEscape(from.Format(time.RFC3339))), p.members["carla"])
	})
	p.run(t, "whose permissions a reader sees is a permission itself", func(t *testing.T) {
		require.ElementsMatch(t, []string{p.members["maria"], p.members["carla"]}, holders("maria", "?capability=roster.view"))
		require.Equal(t, []string{p.members["carla"]}, holders("carla", ""))
		p.get("carla", p.path("/members/", p.members["maria"], "/permissions")).refused(http.StatusForbidden, "permission_denied")
		p.get("olivia", p.path("/members/", p.group, "/permissions")).refused(http.StatusNotFound, "member_not_found")
		p.get("olivia", p.path("/permissions?capability=galaxy.rule")).refused(http.StatusBadRequest, "unknown_capability")
	})
	p.run(t, "the gate does not wait for the model: a revocation holds at once", func(t *testing.T) {
		p.stopRunner()
		p.remove("maria")
		p.send("maria", http.MethodGet, p.path("/permissions"), nil).refused(http.StatusForbidden, "permission_denied")
	})
}
