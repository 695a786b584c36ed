package demo

import "net/http"

// docHash stands for the SHA-256 of a trainee's document.
const docHash = "5f0c2b7e9d4a18c36e71b08f2da95c4473be610d8fa2967c15e3480bd9c7a26f"

// loadSubscription starts the subscription with the owner's own trial: a licence
// on their plan for every clinician, a trainee's at the price that their proof
// gives. A trial needs no quoted total, so asking again is the same request.
func (s *script) loadSubscription() {
	var seats []object
	for _, p := range staff() {
		if !p.isClinician {
			continue
		}
		if p.isTrainee {
			s.loadProof(p)
		}
		seats = append(seats, object{"member": s.members[p.Subject], "plan": p.plan, "profession": p.profession})
	}
	s.send(owner.Subject, http.MethodPost, s.practice+"/subscription/trial", "trial", object{"seats": seats})
	s.send(owner.Subject, http.MethodPut, s.practice+"/subscription/payment-method", "payment-method", object{
		"method": "sim_ok", "label": "Simulated card",
	})
}

// loadProof submits a proof of training as the owner; the super admin, to whom
// that is delegated, verifies it.
func (s *script) loadProof(trainee Person) {
	proof := s.send(owner.Subject, http.MethodPost, s.practice+"/members/"+s.members[trainee.Subject]+"/trainee-proofs", "proof/"+trainee.Subject, object{
		"kind": "non_prescriber", "programme": "Predoctoral internship in psychology", "docHash": docHash,
		"validFrom": s.Today.AddDate(0, -1, 0).Format(day), "validUntil": s.Today.AddDate(1, 0, 0).Format(day),
	})
	s.send("sam", http.MethodPost, s.practice+"/trainee-proofs/"+proof+"/verify", "verify/"+trainee.Subject, object{"accredited": true})
}
