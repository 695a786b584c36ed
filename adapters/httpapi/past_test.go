package httpapi_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/projections"
)

// pastLists are the lists that can be asked about the past, as the owner asks them. What
// members may is judged at one instant, which says nothing of when it is asked.
func pastLists(p *practice) map[string]string {
	at := "at=" + monday.Add(time.Hour).Format(time.RFC3339)
	return map[string]string{
		"roster": p.path("/charts?"), "archived": p.path("/charts?archived=true&sort=-created&"), "found": p.path("/charts?search=a&"),
		"members": p.path("/members?"), "permissions": p.path("/permissions?", at, "&"),
		"permissions of one": p.path("/members/", p.members["carla"], "/permissions?", at, "&"),
		"balance":            p.path("/billing/balance?"), "history": p.path("/billing/history?"), "appointments": p.path("/appointments?cancelled=true&"),
	}
}

// pastAnswer is what a list answered when it was asked about the present.
type pastAnswer struct {
	list, path, position, header, instant string
	body                                  []byte
}

// ask notes what the lists answer now.
func ask(p *practice) (answers []pastAnswer) {
	p.t.Helper()
	p.settle()
	for list, path := range pastLists(p) {
		a := p.send("olivia", http.MethodGet, path, nil)
		require.Equal(p.t, http.StatusOK, a.status, "%s", a.body)
		var answer struct{ AsOf string }
		a.into(&answer)
		answers = append(answers, pastAnswer{list, path, answer.AsOf, a.header.Get("Praxis-Position"), a.header.Get("Praxis-As-Of"), a.body})
	}
	return answers
}

// sources are costs of a stream at which the streams are read, and at which the log is.
var sources = map[string]int64{"streams": 1, "log": 1_000_000}

// againAt asks the lists about the moments at which they gave the answers, as positions and
// every third as an instant, from each source.
func againAt(p *practice, past *projections.Past, answers []pastAnswer) {
	p.t.Helper()
	atInstants := map[int]string{}
	for source, cost := range sources {
		past.StreamCost = cost
		for n, then := range answers {
			a := p.send("olivia", http.MethodGet, then.path+"asOf="+url.QueryEscape(then.header), nil)
			require.Equal(p.t, string(then.body), string(a.body), "%s as of %s, from the %s", then.list, then.position, source)
			require.Equal(p.t, then.header, a.header.Get("Praxis-Position"))

			if n%3 != 0 || then.instant == "" {
				continue
			}
			a = p.send("olivia", http.MethodGet, then.path+"asOf="+url.QueryEscape(then.instant), nil)
			require.Equal(p.t, http.StatusOK, a.status, "%s", a.body)
			answered := a.header.Get("Praxis-Position") + string(a.body)
			if other, isThere := atInstants[n]; isThere {
				require.Equal(p.t, other, answered, "%s as of %s", then.list, then.instant)
			}
			atInstants[n] = answered
		}
	}
}

// life does something at random that the practice's owner may do; most of it succeeds.
type life struct {
	*practice
	random  *rand.Rand
	kind    string
	charts  []string
	charges map[string][]string
	// booked are the appointments, as the rest of their path, each with its chart.
	booked []string
}

func (l *life) pick(n int) int { return l.random.IntN(n) }

func (l *life) clinician() string { return []string{"carla", "david"}[l.pick(2)] }

func (l *life) live() {
	l.t.Helper()
	chart := l.charts[l.pick(len(l.charts))]
	who, name := l.clinician(), fmt.Sprintf("Patient %c%d", 'A'+rune(l.pick(26)), l.pick(100))
	on := func(method, path string, body any) answer { return l.send("olivia", method, l.path(path), body) }
	switch l.pick(13) {
	case 0:
		l.charts = append(l.charts, l.open(who, "Ada", name, who))
	case 1:
		on(http.MethodPut, "/charts/"+chart+"/demographics", object{"givenName": "Bo", "familyName": name})
	case 2:
		on(http.MethodPut, "/charts/"+chart+"/status", object{"status": []string{"active", "inactive"}[l.pick(2)]})
	case 3:
		on(http.MethodPost, "/charts/"+chart+"/archive", object{"reason": "Moved away"})
	case 4:
		on(http.MethodDelete, "/charts/"+chart+"/archive", nil)
	case 5:
		on(http.MethodPut, "/charts/"+chart+"/team/"+l.members[who], object{"role": "support"})
	case 6:
		on(http.MethodDelete, "/charts/"+chart+"/team/"+l.members[who], nil)
	case 7:
		a := l.send("olivia", http.MethodPost, l.ledger(chart, who, "/charges"), object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(int64(100 + l.pick(900))), "confirmDuplicate": true})
		if a.status == http.StatusOK {
			l.charges[chart+who] = append(l.charges[chart+who], a.done().ID)
		}
	case 8:
		l.send("olivia", http.MethodPost, l.ledger(chart, who, "/payments"), object{"amount": dollars(int64(100 + l.pick(500))), "method": "card", "receivedOn": "2026-03-02", "confirmDuplicate": true})
	case 9:
		if open := l.charges[chart+who]; len(open) > 0 {
			a := l.send("olivia", http.MethodPost, l.ledger(chart, who, "/invoices"), object{"date": "2026-03-02", "terms": "net_30", "charges": open})
			if a.status == http.StatusOK {
				l.issue(chart, who, a.done().ID)
				l.charges[chart+who] = nil
			}
		}
	case 10:
		effect := []string{"allow", "deny"}[l.pick(2)]
		on(http.MethodPut, "/members/"+l.members[who]+"/permissions/roster.export", object{"effect": effect, "scope": "group"})
	case 11:
		start := time.Date(2026, 3, 3+l.pick(20), 14+l.pick(6), 0, 0, 0, time.UTC)
		a := on(http.MethodPost, "/clinicians/"+l.members[who]+"/appointments", object{"chart": chart, "type": l.kind, "start": start.Format(time.RFC3339)})
		if a.status == http.StatusOK {
			l.booked = append(l.booked, l.members[who]+"/appointments/"+a.done().ID, chart)
		}
	case 12:
		if len(l.booked) > 0 {
			on(http.MethodPost, "/clinicians/"+l.booked[0]+"/cancel", object{"chart": l.booked[1], "reason": "Ill"})
			l.booked = l.booked[2:]
		}
	}
}

// Whatever happened, each list answers about a moment what it answered at that moment,
// byte for byte: also after a member's rights changed, and after rebuilds. Whether streams
// are read one by one or the log in one pass makes no difference.
func TestAListAsOfAMomentIsWhatItWasThen(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			var past *projections.Past
			p := newStack(t, with(func(c *httpapi.Config) { past = c.Past })).staffed()
			l := &life{practice: p, random: rand.New(rand.NewPCG(seed, 7)), kind: p.bookable(), charges: map[string][]string{}}
			l.charts = append(l.charts, l.open("carla", "Ada", "Abbott", "carla"))
			var answers []pastAnswer
			for n := range 32 {
				if l.live(); n%4 == 0 {
					answers = append(answers, ask(p)...)
				}
			}
			p.post("olivia", p.path("/members/", p.members["david"], "/removal"), object{"default": p.members["carla"]}).done()
			answers = append(answers, ask(p)...)
			l.open("carla", "Zoe", "Zander", "carla")
			p.settle()
			againAt(p, past, answers)

			require.NoError(t, p.runner.Rebuild(t.Context(), []string{"roster", "billing"}, nil))
			againAt(p, past, answers[len(answers)-2*len(pastLists(p)):])
		})
	}
}
