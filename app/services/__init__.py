"""What the product does, told as stories: look up, judge, store, answer. The doors call these, nothing below them."""
