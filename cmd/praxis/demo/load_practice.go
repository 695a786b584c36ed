package demo

import "net/http"

func (s *script) loadGroup() {
	s.summary.Group = s.send(owner.Subject, http.MethodPost, "", "group", object{
		"name": "Harbor Psychiatry", "billingZone": Zone, "currency": "USD", "branchName": "Main Street",
	})
	s.practice = "/" + s.summary.Group
	s.send(owner.Subject, http.MethodPatch, s.practice, "info", object{
		"phone": "555-0100", "website": "https://harbor.example", "line1": "12 Main Street", "city": "Harbor", "country": "US",
	})
	s.send(owner.Subject, http.MethodPost, s.practice+"/branches", "branch/riverside", object{"name": "Riverside"})
}

// loadPeople invites everybody and lets them accept, one after the other,
// because managers and assistants are invited for clinicians who are there.
func (s *script) loadPeople() {
	s.places = s.branches()
	invitations := s.practice + "/invitations"
	for _, p := range staff() {
		invitation := object{"email": p.Email, "role": p.role, "clinician": p.isClinician, "branches": []string{s.places[p.branch]}}
		var clinicians []string
		for _, subject := range p.clinicians {
			clinicians = append(clinicians, s.members[subject])
		}
		if clinicians != nil {
			invitation["clinicians"] = clinicians
		}
		id := s.send(owner.Subject, http.MethodPost, invitations, "invite/"+p.Subject, invitation)
		s.send(p.Subject, http.MethodPost, invitations+"/"+id+"/accept", "accept/"+p.Subject, nil)
		s.members[p.Subject], s.homes[p.Subject] = s.me(p.Subject).Member, s.places[p.branch]
	}
	s.members[owner.Subject] = s.me(owner.Subject).Member
	// Somebody has not answered yet: their invitation is open, and its mail was sent.
	s.send(owner.Subject, http.MethodPost, invitations, "invite/nora", object{
		"email": "nora@harbor.example", "role": "assistant", "branches": []string{s.places["main"]}, "clinicians": []string{s.members["david"]},
	})
}

// branches returns the ids of the branches by the names that the plan uses.
func (s *script) branches() map[string]string {
	var g struct {
		Branches []struct {
			ID      string `json:"id"`
			Default bool   `json:"default"`
		} `json:"branches"`
	}
	s.ask(owner.Subject, "/v1/groups"+s.practice, &g)
	ids := map[string]string{}
	for _, b := range g.Branches {
		name := "riverside"
		if b.Default {
			name = "main"
		}
		ids[name] = b.ID
	}
	return ids
}

// permission is one thing that the owner allows beyond the matrix, or denies.
type permission struct{ effect, whose, capability, scope string }

// loadPermissions sets what the owner allows beyond the matrix, and denies.
func (s *script) loadPermissions() {
	for _, p := range []permission{
		{"allow", "olivia", "chart.create", "group"},
		{"allow", "user", "patient_billing.manage", "own"},
		{"allow", "manager", "patient_billing.manage", "managed"},
		{"allow", "manager", "chart.create", "managed"},
		{"allow", "sam", "chart.assign_clinician", "group"},
		{"allow", "sam", "patient_billing.view", "group"},
		{"allow", "alex", "roster.view", "assists"},
		{"allow", "alex", "appointment.manage", "assists"},
		{"allow", "alex", "slots.view", "assists"},
		{"allow", "sam", "subscription.manage", "group"},
		{"allow", "user", "roster.export", "own"},
		{"allow", "manager", "roster.export", "managed"},
		{"deny", denied.Subject, deniedCapability, "group"},
	} {
		whose := "/roles/" + p.whose
		if member, isMember := s.members[p.whose]; isMember {
			whose = "/members/" + member
		}
		s.send(owner.Subject, http.MethodPut, s.practice+whose+"/permissions/"+p.capability, "permission/"+p.whose+"/"+p.capability, object{
			"effect": p.effect, "scope": p.scope,
		})
	}
}
