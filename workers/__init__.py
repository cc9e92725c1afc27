"""The door for jobs. Its schedule comes with the queue; what jobs do is in app.services."""
