"""What is kept between runs, in the state folder or where a person says: notes and saved incidents."""
