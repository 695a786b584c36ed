package httpapi_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/accesslog"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
)

type myChart struct {
	Group, Practice, Chart, GivenName, FamilyName, Relation string
	May                                                     []string
	Until                                                   *time.Time
	Clinicians                                              []struct{ Name, Role string }
}

func (s *stack) myCharts(as string) []myChart {
	s.t.Helper()
	var mine struct{ Charts []myChart }
	s.get(as, "/v1/me/charts").into(&mine)
	return mine.Charts
}

func TestAPersonsOwnCharts(t *testing.T) {
	p := newStack(t).staffed()
	p.join("emma", "user", true)
	ada := p.open("carla", "Ada", "Abbott", "carla")
	ben := p.open("david", "Ben", "Abbott", "david")
	account := func(chart, subject string) string {
		return p.path("/charts/", chart, "/patient-accounts/", p.me(subject).Account)
	}

	p.run(t, "somebody who is linked to no chart has none", func(t *testing.T) {
		require.Empty(t, p.myCharts("pat"))
	})
	p.run(t, "a person has those of every practice, with what the link allows and who treats the patient", func(t *testing.T) {
		p.put("olivia", account(ada, "pat"), object{"relation": "self"}).done()
		p.put("olivia", account(ben, "pat"), object{"relation": "guardian", "may": []string{"appointment.view_own"}}).done()
		elsewhere := p.found("omar", true)
		elsewhere.allow("omar", "chart.create", "group")
		there := elsewhere.post("omar", elsewhere.path("/charts"), object{"patient": object{"givenName": "Ada", "familyName": "Abbott"}}).done().ID
		elsewhere.put("omar", elsewhere.path("/charts/", there, "/patient-accounts/", p.me("pat").Account), object{"relation": "self"}).done()

		mine := p.myCharts("pat")
		require.Len(t, mine, 3)
		require.Equal(t, myChart{
			Group: p.group, Practice: "Harbor Psychiatry", Chart: ada, GivenName: "Ada", FamilyName: "Abbott", Relation: "self",
			May:        []string{"appointment.view_own", "appointment.book_own", "access_report.view_own"},
			Clinicians: []struct{ Name, Role string }{{"carla", "primary"}},
		}, mine[0])
		require.Equal(t, []string{"Ben", "guardian"}, []string{mine[1].GivenName, mine[1].Relation})
		require.Equal(t, []string{"appointment.view_own"}, mine[1].May)
		require.Equal(t, elsewhere.group, mine[2].Group)
		require.Empty(t, p.myCharts("quinn"), "nobody else has them")
	})
	p.run(t, "who treats the patient is as the care team is, and the staff is not among them", func(t *testing.T) {
		p.put("olivia", p.path("/charts/", ada, "/team/", p.members["david"]), object{"role": "clinician"}).done()
		p.put("olivia", p.path("/charts/", ada, "/team/", p.members["emma"]), object{"role": "support"}).done()
		require.Equal(t, []struct{ Name, Role string }{{"carla", "primary"}, {"david", "clinician"}}, p.myCharts("pat")[0].Clinicians)
	})
	p.run(t, "each look is recorded in the practice that keeps the chart, before it is shown", func(t *testing.T) {
		from := p.accessLogEnd()
		p.myCharts("pat")
		views := p.viewsFrom(from)
		require.Len(t, views, 2, "the third is recorded where it is kept")
		viewed := views[0].Event.(accesslog.RecordsViewed)
		require.Equal(t, "listMyCharts", viewed.Operation)
		require.Equal(t, ada, viewed.Charts[0].String())
	})
	p.run(t, "a link that is limited, ends, or is taken away shows so in the very next answer", func(t *testing.T) {
		until := p.clock.Now().Add(time.Hour).UTC().Truncate(time.Second)
		p.send("olivia", http.MethodPatch, account(ada, "pat"), object{"relation": "self", "may": []string{"appointment.view_own"}, "until": until.Format(time.RFC3339)}).done()
		mine := p.myCharts("pat")
		require.Equal(t, []string{"appointment.view_own"}, mine[0].May)
		require.WithinDuration(t, until, *mine[0].Until, 0)

		p.clock.Pass(time.Hour)
		require.Equal(t, "Ben", p.myCharts("pat")[0].GivenName)
		p.send("olivia", http.MethodDelete, account(ben, "pat"), nil).done()
		require.Len(t, p.myCharts("pat"), 1)
	})
}

// letters has the process of notifications see every event of a chart, and returns the mails
// that then wait, by their addresses.
func (p *practice) letters(chartID string) map[string]string {
	p.t.Helper()
	engine := commands.NewEngine(p.engine)
	tell := processes.Notifications(processes.Config{Engine: engine, Outbox: p.engine.Outbox})
	g := id.MustParse[id.Group](p.group)
	for rec, err := range p.store.ReadStream(p.t.Context(), chart.Stream(g, id.MustParse[id.Chart](chartID)), 0) {
		require.NoError(p.t, err)
		env, err := p.registry.Decode(rec)
		require.NoError(p.t, err)
		effects, err := tell.OnEvent(env)
		require.NoError(p.t, err)
		for _, effect := range effects {
			require.NoError(p.t, effect.(process.Send).Give(p.t.Context(), commands.Call{Process: tell.Name, Group: g, Command: id.New[id.Command]()}))
		}
	}
	found, err := p.pool.Query(p.t.Context(), "select recipient, body from praxis.outbox where state = 'queued'")
	require.NoError(p.t, err)
	defer found.Close()
	letters := map[string]string{}
	for found.Next() {
		var to, body string
		require.NoError(p.t, found.Scan(&to, &body))
		letters[to] = body
	}
	require.NoError(p.t, found.Err())
	return letters
}

// aToken is how the mail of an invitation to the portal holds its token.
var aToken = regexp.MustCompile(`token=([A-Za-z0-9_-]{43})`)

func TestAPatientIsInvitedToThePortal(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	path := p.path("/charts/", ada, "/invitations")
	access := p.path("/charts/", ada, "/patient-accounts")
	var mailed, token string
	var kin string
	accept := func(as, invitation, token string) answer {
		return p.post(as, path+"/"+invitation+"/accept", object{"token": token})
	}
	p.run(t, "the mail has the token, and names neither the patient nor the clinician", func(t *testing.T) {
		kin = p.post("carla", path, object{"email": "kin@example.org", "relation": "guardian", "validDays": 14}).done().ID
		letters := p.letters(ada)
		require.Len(t, letters, 1)
		mailed = letters["kin@example.org"]
		require.Regexp(t, aToken, mailed)
		token = aToken.FindStringSubmatch(mailed)[1]
		require.Contains(t, mailed, "Harbor Psychiatry invites you to see and book appointments online for somebody whom you care for.")
		for _, name := range []string{"Ada", "Abbott", "carla"} {
			require.NotContains(t, mailed, name)
		}
		require.Equal(t, letters, p.letters(ada), "seen again, the same mail is sent once")
	})
	p.run(t, "the practice sees whom it invited, and who did", func(t *testing.T) {
		var open struct {
			Invitations []struct{ ID, Email, Relation, InvitedByName string }
		}
		p.get("carla", access).into(&open)
		require.Equal(t, []struct{ ID, Email, Relation, InvitedByName string }{{kin, "kin@example.org", "guardian", "carla"}}, open.Invitations)
		p.get("david", access).refused(http.StatusNotFound, "chart_not_found")
		p.post("carla", path, object{"email": "KIN@example.org", "relation": "guardian", "validDays": 14}).refused(http.StatusUnprocessableEntity, "already_invited")
	})
	p.run(t, "a guessed token, another chart and another practice answer alike", func(t *testing.T) {
		accept("pat", kin, "guessed").refused(http.StatusNotFound, "invitation_not_found")
		accept("pat", p.group, token).refused(http.StatusNotFound, "invitation_not_found")
		p.post("pat", p.path("/charts/", p.group, "/invitations/", kin, "/accept"), object{"token": token}).refused(http.StatusNotFound, "invitation_not_found")
		p.post("pat", "/v1/groups/"+ada+"/charts/"+ada+"/invitations/"+kin+"/accept", object{"token": token}).refused(http.StatusNotFound, "invitation_not_found")
	})
	p.run(t, "sent again it has another token, and the former one accepts nothing", func(t *testing.T) {
		p.post("carla", path+"/"+kin+"/resend", object{"validDays": 14}).done()
		again := aToken.FindStringSubmatch(p.letters(ada)["kin@example.org"])[1]
		require.NotEqual(t, token, again)
		accept("pat", kin, token).refused(http.StatusNotFound, "invitation_not_found")
		token = again
	})
	p.run(t, "the staff of the practice does not become its patient with the same account", func(*testing.T) {
		accept("david", kin, token).refused(http.StatusUnprocessableEntity, "account_of_practice")
	})
	p.run(t, "who has the token accepts, once, and finds the chart among their own", func(t *testing.T) {
		accept("pat", kin, token).done()
		mine := p.myCharts("pat")
		require.Len(t, mine, 1)
		require.Equal(t, []string{"Ada", "guardian"}, []string{mine[0].GivenName, mine[0].Relation})
		accept("quinn", kin, token).refused(http.StatusUnprocessableEntity, "invitation_used")
		require.Empty(t, p.myCharts("quinn"))
		var linked struct {
			Accounts []struct {
				Name, InvitedByName string
				Holds               bool
			}
			Invitations []struct{ ID string }
		}
		p.get("carla", access).into(&linked)
		require.Len(t, linked.Accounts, 1)
		require.Equal(t, []string{"pat", "carla"}, []string{linked.Accounts[0].Name, linked.Accounts[0].InvitedByName})
		require.True(t, linked.Accounts[0].Holds)
		require.Empty(t, linked.Invitations)
	})
	p.run(t, "one that is taken back, or ran out, accepts nothing", func(t *testing.T) {
		revoked := p.post("carla", path, object{"email": "aunt@example.org", "relation": "other", "validDays": 1}).done().ID
		itsToken := aToken.FindStringSubmatch(p.letters(ada)["aunt@example.org"])[1]
		p.post("carla", path+"/"+revoked+"/revoke", nil).done()
		accept("quinn", revoked, itsToken).refused(http.StatusUnprocessableEntity, "invitation_used")

		late := p.post("carla", path, object{"email": "uncle@example.org", "relation": "other", "validDays": 1}).done().ID
		itsToken = aToken.FindStringSubmatch(p.letters(ada)["uncle@example.org"])[1]
		p.clock.Pass(24 * time.Hour)
		accept("quinn", late, itsToken).refused(http.StatusUnprocessableEntity, "invitation_expired")
	})
	p.run(t, "no event, log or URL holds the token", func(t *testing.T) {
		require.NotContains(t, p.logs.String(), token)
		for rec, err := range p.store.ReadAll(t.Context(), catalog.Categories(), es.Position{}) {
			require.NoError(t, err)
			require.NotContains(t, string(rec.Data)+string(rec.Metadata), token)
		}
	})
}
