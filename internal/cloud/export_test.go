package cloud

// Direct is the transport to a simulated account over a network.
var Direct = direct
