package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// nothing is an id that no thing has.
const nothing = "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"

// kindOfThing is a kind of things that have ids.
type kindOfThing struct {
	// own are those of the scene; elsewhere is one of another practice; hidden are more
	// of the scene's practice, each of another clinician or of none.
	own, hidden []string
	elsewhere   string
	// known are those of the cast who may know that the hidden ones exist.
	known string
}

const (
	members    = "OSMCDAB"
	ofDavid    = "OSD" // who sees David's charts, calendar and ledgers
	onlyOwners = "O"
)

// things are things of every kind that there is.
func (s *scene) things() map[string]kindOfThing {
	s.t.Helper()
	there := s.elsewhere.oneOfEverything()
	post := func(as, path string, body object) string {
		s.t.Helper()
		return s.post(as, path, body).done().ID
	}
	chart := s.open("emma", "Dora", "Doyle", "emma") // David's, then.
	put := func(chart string) {
		s.t.Helper()
		s.put("olivia", s.path("/charts/", chart, "/primary"), object{"clinician": s.members["david"]}).done()
	}
	put(chart)
	archived := s.open("emma", "Dan", "Dunn", "emma")
	put(archived)
	s.post("olivia", s.path("/charts/", archived, "/archive"), object{"reason": "Moved away"}).done()
	issued := s.practice.draft(chart, "david", "2026-03-02", s.withDavid(chart))
	s.issue(chart, "david", issued)
	calendar := s.path("/clinicians/", s.members["david"])
	kind := post("olivia", s.path("/appointment-types"), object{"name": "Supervision", "lengthMin": 30})
	licences := s.subscription().Licences
	last := licences[len(licences)-1]
	all := map[string]kindOfThing{
		"group":       {own: []string{s.group}},
		"chart":       {own: []string{s.ids["chart"], s.archived}, hidden: []string{chart, archived}, known: ofDavid},
		"member":      {own: []string{s.members["carla"], s.members["emma"], s.members["maria"], s.members["alex"], s.members["rex"], s.members["finn"]}, hidden: []string{s.members["david"]}, known: members},
		"branch":      {own: []string{s.ids["branch"]}, hidden: []string{s.branch}, known: members},
		"invitation":  {own: []string{s.ids["invitation"]}, hidden: []string{s.invite("quattlebaum", "user", true)}, known: onlyOwners},
		"charge":      {own: []string{s.charge}, hidden: []string{s.withDavid(chart)}, known: ofDavid},
		"invoice":     {own: []string{s.draft, s.issued}, hidden: []string{s.practice.draft(chart, "david", "2026-03-02", s.withDavid(chart)), issued}, known: ofDavid},
		"payment":     {own: []string{s.payment}, hidden: []string{s.pay(chart, "david", "2026-03-02", 50)}, known: ofDavid},
		"type":        {own: []string{s.kind}, hidden: []string{kind}, known: members + "P"},
		"reserve":     {own: []string{s.ids["reserve"]}, hidden: []string{post("david", calendar+"/reserves", object{"firstDate": "2026-03-04", "start": "09:00", "end": "12:00", "repeat": object{"frequency": "once"}})}, known: ofDavid},
		"block":       {own: []string{s.ids["block"]}, hidden: []string{post("david", calendar+"/blocks", object{"start": "2026-03-06T13:00:00Z", "end": "2026-03-06T15:00:00Z"})}, known: ofDavid},
		"appointment": {own: []string{s.ids["appointment"]}, hidden: []string{post("david", calendar+"/appointments", object{"chart": chart, "type": kind, "start": "2026-03-04T14:00:00Z"})}, known: ofDavid},
		"licence":     {own: []string{s.ids["licence"]}, hidden: []string{last.ID}, known: onlyOwners},
		"seatCharge":  {own: []string{s.ids["seatCharge"]}, known: onlyOwners},
		"glass":       {own: []string{s.ids["glass"]}, hidden: []string{s.breaks("emma", chart)}, known: onlyOwners},
		"proof":       {own: []string{s.ids["proof"]}, hidden: []string{s.prove("/trainee-proofs", "prescriber", "2026-12-31", object{"email": "intern@example.org"})}, known: onlyOwners},
	}
	for name, k := range all {
		k.elsewhere = there[name]
		require.NotEmpty(s.t, k.elsewhere, name)
		all[name] = k
	}
	return all
}

// withDavid records a charge with David.
func (s *scene) withDavid(chart string) string {
	return s.practice.charge(chart, "david", "2026-03-02", 100)
}

// words is a request in words: its path, with the query, and its body.
type words struct{ path, body string }

func (w words) holds(id string) bool { return strings.Contains(w.path+w.body, id) }

func (w words) replace(pairs ...string) words {
	r := strings.NewReplacer(pairs...)
	return words{r.Replace(w.path), r.Replace(w.body)}
}

// told asks and returns the whole answer, but for the ids in which it may differ.
func (s *scene) told(letter rune, method string, w words, differing ...string) string {
	s.t.Helper()
	var body any
	if w.body != "null" {
		body = text(w.body)
	}
	defer s.clock.Pass(-time.Second) // for the next to be asked at the same instant
	a := s.send(cast[letter], method, w.path, body, append(dryRunOf(method), malformed)...)
	answer := strings.ReplaceAll(string(a.body), a.header.Get("X-Request-Id"), "")
	var made struct{ ID string }
	if a.status == http.StatusOK && json.Unmarshal(a.body, &made) == nil && made.ID != "" && !w.holds(made.ID) {
		differing = append(differing, made.ID) // What would be new has a new id each time.
	}
	for _, id := range differing {
		answer = strings.ReplaceAll(answer, id, "")
	}
	return http.StatusText(a.status) + " " + a.header.Get("ETag") + a.header.Get("Praxis-Position") + " " + answer
}

// Every operation × every id in its request × everybody: what is another practice's, or
// beyond the reach of who asks, is answered to the byte like what does not exist.
func TestFoundP1_NobodyLearnsWhatTheyMayNotOpen(t *testing.T) {
	s := newScene(newStack(t))
	things := s.things()
	world := []string{} // of David, in place of Carla's
	for _, name := range []string{"chart", "charge", "invoice", "payment", "reserve", "block", "appointment", "licence", "proof", "invitation", "glass"} {
		for _, own := range things[name].own {
			world = append(world, own, things[name].hidden[0])
		}
	}
	world = append(world, s.members["carla"], s.members["david"])
	s.settle()
	table, compared := rules(), map[string]int{}
	for _, template := range s.doc.Paths.InMatchingOrder() {
		for method, o := range s.doc.Paths.Value(template).Operations() {
			s.run(t, o.OperationID, func(t *testing.T) {
				path, body := s.base(template, table[o.OperationID])
				w := words{path, encoded(t, body)}
				for name, k := range things {
					for _, own := range k.own {
						if !w.holds(own) {
							continue
						}
						davids := w.replace(world...)
						for _, letter := range slices.Sorted(maps.Keys(cast)) {
							none := s.told(letter, method, w.replace(own, nothing), nothing)
							require.NotContains(t, none, "Internal", "%c", letter)
							if letter != 'X' || name != "group" {
								compared[name]++
								require.Equal(t, none, s.told(letter, method, w.replace(own, k.elsewhere), k.elsewhere), "%c and the %s elsewhere", letter, name)
							}
							if strings.ContainsRune(k.known, letter) {
								continue
							}
							for _, hidden := range k.hidden {
								compared[name]++
								require.Equal(t, none, s.told(letter, method, w.replace(own, hidden), hidden), "%c and a hidden %s", letter, name)
								if there := davids.replace(hidden, nothing); there != davids {
									require.Equal(t, s.told(letter, method, there, nothing), s.told(letter, method, davids, hidden), "%c and David's %s", letter, name)
								}
							}
						}
					}
				}
			})
		}
	}
	for name := range things {
		require.Positive(t, compared[name], "no operation names a %s", name)
	}
}
