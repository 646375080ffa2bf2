"""What every package stands on; knows no policy and no person."""
