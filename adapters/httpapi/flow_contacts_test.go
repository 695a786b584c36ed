package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

type contactList struct {
	Contacts []struct {
		ID, Name, Relation     string
		Emergency, MayBeCalled bool
	}
	Responsible *struct{ Contact, Chart, Name string } `json:"responsibleParty"`
	Minor       bool
	Warnings    []string
}

func TestContactsAndWhoAnswers(t *testing.T) {
	p := newStack(t).staffed()
	minor := p.post("carla", p.path("/charts"), object{"patient": object{"givenName": "Ada", "familyName": "Abbott", "birthDate": "2012-05-01"}, "primary": p.members["carla"]}).done().ID
	parent, foreign := p.open("carla", "Anne", "Abbott", "carla"), p.open("david", "Dora", "Dean", "david")
	path := p.path("/charts/", minor, "/contacts")
	party := p.path("/charts/", minor, "/responsible-party")
	look := func(as string) (c contactList) {
		p.get(as, path).into(&c)
		return c
	}
	var beth string
	p.run(t, "C-2 a minor without somebody who answers is warned of, and nothing is refused", func(t *testing.T) {
		require.Equal(t, contactList{Contacts: look("carla").Contacts, Minor: true, Warnings: []string{"responsible_party_missing"}}, look("carla"))
		p.put("carla", p.path("/charts/", minor, "/demographics"), object{"givenName": "Ada", "familyName": "Abbott", "birthDate": "2012-05-01", "phone": "555-0101"}).done()
	})
	p.run(t, "C-2 a contact is added, changed, and answers for the patient", func(t *testing.T) {
		beth = p.post("carla", path, object{"name": "Beth Abbott", "relation": "Mother", "emergency": true}).done().ID
		p.put("carla", path+"/"+beth, object{"name": "Beth Abbott", "relation": "Mother", "emergency": true, "mayBeCalled": true}).done()
		p.put("carla", party, object{"contact": beth}).done()
		found := look("carla")
		require.Equal(t, "Beth Abbott", found.Responsible.Name)
		require.Empty(t, found.Warnings)
		require.True(t, found.Contacts[0].MayBeCalled)
		p.send("carla", http.MethodDelete, path+"/"+beth, nil).refused(http.StatusUnprocessableEntity, "contact_is_responsible")
	})
	p.run(t, "the patient of another chart answers, if the actor may see that one", func(t *testing.T) {
		p.put("carla", party, object{"chart": foreign}).refused(http.StatusNotFound, "responsible_chart_not_found")
		p.put("carla", party, object{"chart": p.group}).refused(http.StatusNotFound, "responsible_chart_not_found")
		p.put("carla", party, object{"chart": parent}).done()
		require.Equal(t, parent, look("carla").Responsible.Chart)
		require.Equal(t, "Anne Abbott", look("carla").Responsible.Name)
	})
	p.run(t, "a reader who may not see the other chart learns neither its id nor its name", func(t *testing.T) {
		p.put("olivia", p.path("/charts/", minor, "/team/", p.members["david"]), object{"role": "clinician"}).done()
		require.Equal(t, &struct{ Contact, Chart, Name string }{}, look("david").Responsible)
	})
	p.run(t, "whom the chart is hidden from, its contacts are, too", func(*testing.T) {
		p.send("olivia", http.MethodDelete, p.path("/charts/", minor, "/team/", p.members["david"]), nil).done()
		p.get("david", path).refused(http.StatusNotFound, "chart_not_found")
		p.post("david", path, object{"name": "Eve"}).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "nobody answers any more", func(t *testing.T) {
		p.send("carla", http.MethodDelete, party, nil).done()
		p.send("carla", http.MethodDelete, path+"/"+beth, nil).done()
		require.Nil(t, look("carla").Responsible)
		require.Empty(t, look("carla").Contacts)
	})
}
