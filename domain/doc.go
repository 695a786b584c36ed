// Package domain is the roof over the rules of a group practice. Its packages
// are pure: they import the standard library and google/uuid, never a context,
// a clock, the network, SQL or a logger. Time, ids and prices come in as
// arguments; facts go out as events. An architecture test holds this.
package domain
