package httpapi

import (
	"net/http"

	"praxis/adapters/erasure"
	"praxis/adapters/readiness"
)

func systemHandlers() map[string]handler {
	return map[string]handler{
		"health": health, "readiness": ready, "metrics": metrics, "openapi": openapi,
		"me": me, "forgetContact": forgetContact, "receiveCardMessage": receiveCardMessage,
	}
}

func health(x *exchange) error {
	return x.reply(map[string]string{"status": "ok", "version": x.api.Version})
}

func ready(x *exchange) error {
	answer := struct {
		Ready       bool              `json:"ready"`
		Parts       map[string]string `json:"parts"`
		Degraded    []string          `json:"degraded,omitempty"`
		Unavailable []string          `json:"unavailable,omitempty"`
	}{Ready: true, Parts: map[string]string{}}
	status := http.StatusOK
	for _, f := range x.api.Ready(x.ctx()) {
		answer.Parts[f.Part] = string(f.State)
		if f.State == readiness.Ready {
			continue
		}
		// Operators see the stable code and its advice; causes stay in the log.
		answer.Parts[f.Part] = f.Fault.Code + ": " + f.Fault.Message
		if f.State == readiness.Degraded {
			answer.Degraded = append(answer.Degraded, f.Part)
			continue
		}
		answer.Unavailable = append(answer.Unavailable, f.Part)
		answer.Ready, status = false, http.StatusServiceUnavailable
	}
	return x.replyAs(status, answer)
}

func metrics(x *exchange) error {
	if x.api.Metrics == nil {
		return errNoSuchPath
	}
	x.api.Metrics.ServeHTTP(x.w, x.r)
	return nil
}

func openapi(x *exchange) error {
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(http.StatusOK)
	_, err := x.w.Write(x.api.doc.json)
	return err
}

func me(x *exchange) error {
	membership, err := x.api.Engine.MembershipOf(x.ctx(), x.principal.Account)
	if err != nil {
		return err
	}
	answer := struct {
		Account string `json:"account"`
		Name    string `json:"name,omitempty"`
		Group   string `json:"group,omitempty"`
		Member  string `json:"member,omitempty"`
		Role    string `json:"role,omitempty"`
	}{Account: x.principal.Account.String(), Name: x.principal.Name}
	if !membership.Group.IsZero() {
		answer.Group, answer.Member, answer.Role = membership.Group.String(), membership.Member.String(), string(membership.Role)
	}
	return x.reply(answer)
}

// forgetContact erases the name and the address of the caller. They are known
// again with the next request, because it says who is asking.
func forgetContact(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	if _, err := x.api.Erasure.Forget(x.ctx(), erasure.Request{Account: call.Account, Address: call.Email, DryRun: call.DryRun}); err != nil {
		return err
	}
	outcome := outcomeDone
	if call.DryRun {
		outcome = outcomeDryRun
	}
	return x.reply(map[string]string{"outcome": outcome})
}

// receiveCardMessage takes what the card processor says by itself. The signature
// over the body is what authenticates it, so it has no token.
func receiveCardMessage(x *exchange) error {
	if err := x.api.limiter.allow("cards:" + remoteHost(x.r)); err != nil {
		return err
	}
	if err := x.api.Cards.Receive(x.ctx(), x.requestID, x.r.Header, x.body); err != nil {
		return err
	}
	return x.reply(map[string]bool{"received": true})
}
