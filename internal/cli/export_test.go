package cli

// News is for the tests of what a watch tells again.
var News = news
