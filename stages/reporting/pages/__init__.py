"""What people open: the report as one page of HTML, and the card of its model."""
