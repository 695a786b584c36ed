package httpapi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// The description of how to manage household access, sentence by sentence and in its order.
// Carla and David treat, and joined in this order; Sam is the practice manager; Alex is
// support staff.
func TestSeed002_HowToManageHouseholdAccess(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", false)
	p.join("alex", "assistant", false, "carla")
	p.allow("sam", "chart.create", "group")
	p.allow("alex", "chart.create", "assists")
	ada := p.open("carla", "Ada", "Abbott", "carla")
	var h string
	of := func(parts ...string) string {
		path := p.path("/households/", h)
		for _, part := range parts {
			path += part
		}
		return path
	}
	primary := func(as string) string { return p.household(as, h).PrimaryName }

	t.Run("during the client creation, the professional who creates the client will be deemed the primary professional (H-5)", func(t *testing.T) {
		h = p.post("david", p.path("/households"), object{"name": "Baker family"}).done().ID
		require.Equal(t, p.members["david"], p.household("david", h).Primary)
	})
	t.Run("however, if a support staff user creates the client, the primary professional will default to the first professional in the practice (H-5)", func(t *testing.T) {
		h = p.post("alex", p.path("/households"), object{"name": "Abbott family"}).done().ID
		require.Equal(t, p.members["carla"], p.household("sam", h).Primary, "Carla joined before David")
	})
	t.Run("sometimes a client's adviser might change, or you need to set up a team to manage a particular household (H-1)", func(t *testing.T) {
		p.put("sam", of("/charts/", ada), object{"inheritTeam": true}).done()
		require.Equal(t, map[string]string{"carla": "primary"}, p.roles(p.household("sam", h)))
	})
	t.Run("capturing the client's primary professional responsible for a household and which staff require access to the client (H-1, H-3)", func(t *testing.T) {
		p.get("david", of()).refused(http.StatusNotFound, "household_not_found")
		p.get("david", p.path("/charts/", ada, "/team")).refused(http.StatusNotFound, "chart_not_found")
	})
	t.Run("practice manager to go to Lumiant, search for your client, then click on household summary", func(t *testing.T) {
		p.settle()
		for _, search := range []string{"abb", "ada"} {
			var found struct {
				Households []struct{ ID, Name, PrimaryName string }
			}
			p.get("sam", p.path("/households?search=", search)).into(&found)
			require.Len(t, found.Households, 1, search)
			require.Equal(t, []string{h, "Abbott family", "carla"}, []string{found.Households[0].ID, found.Households[0].Name, found.Households[0].PrimaryName})
			var none struct{ Households []struct{ ID string } }
			p.get("david", p.path("/households?search=", search)).into(&none)
			require.Empty(t, none.Households, "to David there is no such household")
		}
	})
	t.Run("click on staff access to add new staff access; click on the staff; select the staff user's role; click on save (H-4)", func(t *testing.T) {
		p.put("sam", of("/team/", p.members["david"]), object{"role": "support"}).done()
	})
	t.Run("click on team to view who in the team has access to the household (H-1)", func(t *testing.T) {
		page := p.household("sam", h)
		require.Equal(t, map[string]string{"carla": "primary", "david": "support"}, p.roles(page))
		require.Equal(t, "sam", page.Team[1].Given.ActorName)
		p.settle()
		require.Equal(t, http.StatusOK, p.get("david", p.path("/charts/", ada)).status, "the primary determines who can access the client, and what role they play (H-3)")
	})
	t.Run("there will always need to be one primary professional assigned to the client (H-2)", func(t *testing.T) {
		p.send("sam", http.MethodDelete, of("/team/", p.members["carla"]), nil).refused(http.StatusUnprocessableEntity, "primary_required")
	})
	t.Run("should you wish to change the role, remove the staff users using the delete option and re-add them with a new role (H-6)", func(t *testing.T) {
		p.send("sam", http.MethodDelete, of("/team/", p.members["david"]), nil).done()
		p.get("david", of()).refused(http.StatusNotFound, "household_not_found")
		p.put("sam", of("/team/", p.members["david"]), object{"role": "clinician"}).done()
		require.Equal(t, map[string]string{"carla": "primary", "david": "clinician"}, p.roles(p.household("sam", h)))
		p.send("sam", http.MethodPatch, of("/team/", p.members["david"]), object{"role": "support"}).done()
		require.Equal(t, map[string]string{"carla": "primary", "david": "support"}, p.roles(p.household("sam", h)), "or change it in place")
	})
	t.Run("to remove the other primary professional, click delete on the right; ours is one step, and no revision has two or none (H-2)", func(t *testing.T) {
		before := p.household("sam", h).Revision
		require.Equal(t, before+1, p.put("sam", of("/primary"), object{"clinician": p.members["david"]}).done().Revision)
		require.Equal(t, map[string]string{"david": "primary"}, p.roles(p.household("sam", h)))
		require.Equal(t, "david", primary("sam"))
	})
	t.Run("the primary determines which adviser will be printed on the plan when exported (H-3)", func(t *testing.T) {
		p.post("sam", of("/people"), object{"name": "Beth Abbott", "relation": "mother"}).done()
		as := p.household("sam", h).Revision
		summary := p.post("sam", of("/summaries"), nil).done().ID
		var told struct {
			ID, PrintedBy, Primary, PrimaryName, SHA256 string
			Revision                                    int64
		}
		p.get("sam", of("/summaries/", summary)).into(&told)
		require.Equal(t, []any{summary, "sam", p.members["david"], "david", as}, []any{told.ID, told.PrintedBy, told.Primary, told.PrimaryName, told.Revision})
		first := p.get("sam", of("/summaries/", summary, "/document"))
		require.Equal(t, http.StatusOK, first.status)
		require.Equal(t, "application/pdf", first.header.Get("Content-Type"))
		sum := sha256.Sum256(first.body)
		require.Equal(t, told.SHA256, hex.EncodeToString(sum[:]))
		require.Equal(t, "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":", first.header.Get("Repr-Digest"))

		p.put("sam", of("/primary"), object{"clinician": p.members["carla"], "formerBecomes": "clinician"}).done()
		again := p.get("sam", of("/summaries/", summary, "/document"))
		require.True(t, bytes.Equal(first.body, again.body), "a reprint is the same bytes, with the primary of its revision")
		p.post("sam", of("/summaries"), nil).done()
		page := p.household("sam", h)
		require.Equal(t, []string{"david", "carla"}, []string{page.Summaries[0].PrimaryName, page.Summaries[1].PrimaryName})
		require.Equal(t, page.Summaries[0].SHA256, told.SHA256)
		p.get("sam", of("/summaries/", p.group)).refused(http.StatusNotFound, "summary_not_found")
	})
	t.Run("this can then be amended by following the steps above (H-5)", func(t *testing.T) {
		require.Equal(t, "carla", primary("sam"))
		require.Equal(t, map[string]string{"carla": "primary", "david": "clinician"}, p.roles(p.household("sam", h)))
	})
}
