package lease

// AsOnVersion13 lets the session wait in a transaction, as it does on a server
// without idle_session_timeout.
func (l *Leases) AsOnVersion13() *Leases {
	l.inTransaction = true
	return l
}

// Sharing is what processes see of one another, for tests of the rules alone.
type Sharing struct {
	// Wanters are the processes that want a group, Holder is the one that leads it.
	Wanters map[uint32][]int32
	Holder  map[uint32]int32
}

func (s Sharing) view(me int32) view { return view{me: me, wanters: s.Wanters, holder: s.Holder} }

// ToTake is what a process takes.
func (s Sharing) ToTake(me int32, aPollAgo Sharing) []uint32 {
	return s.view(me).toTake(aPollAgo.view(me))
}

// ToGive is what a process gives back.
func (s Sharing) ToGive(me int32) (uint32, bool) { return s.view(me).toGive() }
