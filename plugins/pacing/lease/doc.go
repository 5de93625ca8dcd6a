// Package lease lets processes share one quota through Redis, each with as much
// of it as there are few of them:
//
//	store := redis.NewClient(&redis.Options{Addr: "redis:6379", MaxRetries: -1})
//	pacer := pacing.New(limits, policy)
//	l, err := lease.Join(ctx, store, lease.Options{Key: "quota:sonnet", Fallback: 0.1, Processes: 5}, pacer)
//	...
//	l.Close(ctx)
//
// Each process has its fallback, a part of the quota that is set aside for it for
// ever. What is left, the pool, is lent in equal parts to those that the store
// hears of:
//
//  1. A process asks every few seconds, and is lent its part for [Options.Lease].
//  2. It uses the part until [Options.Rest] before the end of the lease, counted by
//     its own clock from before it asked. From then on, unless it was lent anew, it
//     uses its fallback alone.
//  3. The store counts the part until the end of the lease, also where it lends
//     less meanwhile, and lends to others what nobody is counted for. Rest is longer
//     than the minute of a quota: what one used is over when another begins.
//
// So nothing has to be told or heard for the quota to hold: a process that is
// killed, stopped or cut off, a store that is killed, slow or emptied, and a reply
// that is lost each cost what was lent, for one lease, and exceed nothing.
// docs/decisions/0030-lease.md has the argument.
//
// The package is apart from pacing so that who needs no Redis does not import it.
package lease
