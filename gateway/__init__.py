"""The edge of Fullcircle: who is asking, what they may, where it goes. It knows no product rule."""
