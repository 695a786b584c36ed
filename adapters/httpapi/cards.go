package httpapi

// receiveCardMessage takes what the card processor says by itself. The signature
// over the body is what authenticates it, so it has no token.
func (a *api) receiveCardMessage(x *exchange) error {
	if err := a.limiter.allow("cards:" + remoteHost(x.r)); err != nil {
		return err
	}
	if err := a.Cards.Receive(x.ctx(), x.requestID, x.r.Header, x.body); err != nil {
		return err
	}
	return x.reply(map[string]bool{"received": true})
}

// charging marks a command that leads to charges: its receipt says whether money
// moves.
func charging(h handler) handler {
	return func(x *exchange) error {
		x.cardMode = x.api.Cards.Mode()
		return h(x)
	}
}
