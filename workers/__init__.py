"""The door for work that nobody asks for. What is done is in app.services; here is when."""
