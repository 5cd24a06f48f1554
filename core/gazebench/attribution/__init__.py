"""A model and a method on a batch of images: class maps, mixed, and back in image pixels."""
